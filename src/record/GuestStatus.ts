import * as Schema from "effect/Schema"
import { printable } from "../text/printable.ts"
import { NextTryStatus, runResults } from "./RunRecord.ts"
import { awayWords, sentenceOf } from "./sentenceOf.ts"
import type { Status } from "./Status.ts"
import { judgeRecorded } from "./judgeRecorded.ts"
import { verdicts } from "./StatusNow.ts"

/** The version of the shape. What is only added to it does not change it. */
const guestStatusVersion = 1

/** What the guest attribute says: what `status.json` does, in so few words that whoever lists many VMs can read it. */
export const GuestStatus = Schema.Struct({
  version: Schema.Literal(guestStatusVersion).annotateKey({
    description: "Of this shape. Keys may be added without a new one."
  }),
  verdict: Schema.Literals(verdicts).annotateKey({
    description:
      "`unknown` where no run has ended in this boot, the last has failed and could not see what runs, or the engine is away."
  }),
  sentence: Schema.String.annotateKey({
    description: "What runs, what was wanted and why it is not there, in a line."
  }),
  why: Schema.Array(Schema.String).annotateKey({ description: "Why what runs is not what is declared." }),
  underWay: Schema.NullOr(Schema.DateTimeUtcFromString).annotateKey({
    description: "When a run began that takes longer than a second and has not ended; null otherwise."
  }),
  doing: Schema.Array(Schema.String).annotateKey({
    description: "What that run does, or waits for; empty where none is under way."
  }),
  lastRun: Schema.NullOr(Schema.Literals(runResults)).annotateKey({
    description: "What the last run came to; null if none has ended in this boot."
  }),
  nextTry: NextTryStatus,
  declared: Schema.NullOr(
    Schema.Struct({
      sha256: Schema.String.annotateKey({ description: "The first 12 characters of the declaration's." }),
      containers: Schema.Array(Schema.Struct({ name: Schema.String, image: Schema.String })).annotateKey({
        description: "What is to run, by the names and images in it."
      })
    })
  ).annotateKey({ description: "What the last run found declared; null if that is nothing, or could not be read." }),
  running: Schema.NullOr(
    Schema.Array(
      Schema.Struct({
        name: Schema.String.annotateKey({ description: "The engine's name for it." }),
        image: Schema.String.annotateKey({ description: "The reference that it was created with." }),
        digest: Schema.NullOr(Schema.String).annotateKey({
          description: "The first 12 characters of the digest that the reference stood for; null if that is not known."
        }),
        status: Schema.String.annotateKey({ description: "The engine's word for it." }),
        since: Schema.NullOr(Schema.DateTimeUtcFromString).annotateKey({ description: "When it was last started." }),
        restarts: Schema.Int.annotateKey({ description: "How often the engine has restarted it." }),
        ready: Schema.NullOr(Schema.Boolean).annotateKey({ description: "As in `status.json`." })
      })
    )
  ).annotateKey({
    description: "The containers and sidecars at the end of the last run; null if the engine did not say."
  }),
  isCut: Schema.Boolean.annotateKey({ description: "Whether texts were shortened, or containers left out, to fit." })
})
export type GuestStatus = typeof GuestStatus.Type

/** The most bytes of UTF-8 that the guest attribute has. */
export const largestGuestStatus = 1024

/**
 * How long each text may be, in characters, and how many of each list are told, until it fits. The last one always
 * does.
 */
const cuts = [
  { characters: 400, items: 16 },
  { characters: 200, items: 16 },
  { characters: 200, items: 8 },
  { characters: 120, items: 8 },
  { characters: 120, items: 4 },
  { characters: 80, items: 4 },
  { characters: 80, items: 2 },
  { characters: 60, items: 1 },
  { characters: 30, items: 1 },
  { characters: 16, items: 1 }
] as const
type Cut = { readonly characters: number; readonly items: number }

const whole: Cut = { characters: Infinity, items: Infinity }

const encode = Schema.encodeSync(Schema.fromJsonString(GuestStatus))

/** A status as the guest attribute has it: JSON of at most 1 KiB. The same facts give the same text. */
export const guestStatusOf = (status: Status): string => {
  const all = encode(told(status, whole, false))
  if (fits(all)) return all
  const shorter = cuts.map((cut) => encode(told(status, cut, true)))
  return shorter.find(fits) ?? shorter.at(-1)!
}

const fits = (text: string): boolean => new TextEncoder().encode(text).length <= largestGuestStatus

const told = (status: Status, { characters, items }: Cut, isCut: boolean): GuestStatus => {
  const { lastRun, declared, running, underWay, nextTry, engineAway } = status
  const cut = (text: string) => shortenedTo(printable(text), characters)
  const judged = judgeRecorded(status)
  const why = [...judged.reasons, ...(engineAway === undefined ? [] : [awayWords(engineAway)])]
  return {
    version: guestStatusVersion,
    verdict: engineAway === undefined ? judged.verdict : "unknown",
    sentence: cut(sentenceOf(status)),
    why: why.slice(0, items).map(cut),
    underWay: underWay?.since ?? null,
    doing: [
      ...(underWay?.doing ?? []).map(({ text }) => text),
      ...(underWay?.waitsFor == null ? [] : [underWay.waitsFor])
    ]
      .slice(0, items)
      .map(cut),
    lastRun: lastRun?.result ?? null,
    nextTry,
    declared:
      declared === null
        ? null
        : {
            sha256: declared.sha256.slice(0, 12),
            containers: declared.containers
              .slice(0, items)
              .map(({ name, image }) => ({ name: cut(name), image: cut(image) }))
          },
    running:
      running === null
        ? null
        : running
            .filter(({ role }) => role === "main" || role === "sidecar")
            .slice(0, items)
            .map(({ name, image, digest, status, since, restarts, ready }) => ({
              name: cut(name),
              image: cut(image),
              digest: digest === null ? null : cut(digest.replace(/^sha256:/, "").slice(0, 12)),
              status: cut(status),
              since,
              restarts,
              ready
            })),
    isCut
  }
}

/** Cut off between two characters, never within one. */
const shortenedTo = (text: string, characters: number): string => {
  if (text.length <= characters) return text
  const all = Array.from(text)
  return all.length <= characters ? text : `${all.slice(0, characters).join("")}…`
}
