import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { readEntry } from "../observation/readEntry.ts"
import { tell } from "../progress/Progress.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { sha256 } from "../vm/host/sha256.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"
import type { DeclaredContainer, DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import { revealedJson } from "../workload/revealedJson.ts"
import { type Moment, present } from "./Moment.ts"

/** Since when a Pod is active, and whether it was stopped for its deadline. */
const PodDeadline = Schema.Struct({
  /** A Pod is made anew with each boot, as its containers are. */
  boot: Schema.String,
  /** What the Pod is, without the deadline and the probes, which may change while it is active. */
  pod: Schema.String,
  /** By the host's monotonic clock, which counts from its boot. */
  beganMonotonicMillis: Schema.Finite,
  /** The same by the wall clock, for people. */
  beganWallMillis: Schema.Finite,
  /** It has come up since. */
  cameUp: Schema.optionalKey(Schema.Literal(true)),
  exceeded: Schema.NullOr(
    Schema.Struct({
      /** The hash of the text that was declared then: with another the Pod begins anew. */
      declaration: Schema.String,
      seconds: Schema.Int,
      stoppedWallMillis: Schema.Finite
    })
  )
})
export type PodDeadline = typeof PodDeadline.Type

/** What a run knows of the present, and of the Pod that is declared. */
export interface PresentPod extends Moment {
  readonly pod: string
  /** The hash of its text. */
  readonly declaration: string
  readonly seconds: number
}

/**
 * Pure: the record of the Pod that is declared, given that of the last one. Its time begins with the first run of it in a
 * boot, or since another Pod came up, before anything is pulled; once it is over, anew with another text, or if it is
 * `retried`.
 */
export const activeSince = (
  last: Option.Option<PodDeadline>,
  { boot, pod, declaration, monotonicMillis, wallMillis }: PresentPod,
  retried: boolean
): PodDeadline => {
  if (Option.isSome(last) && last.value.boot === boot && last.value.pod === pod) {
    const { exceeded } = last.value
    if (exceeded === null || (exceeded.declaration === declaration && !retried)) return last.value
  }
  return { boot, pod, beganMonotonicMillis: monotonicMillis, beganWallMillis: wallMillis, exceeded: null }
}

/** How much of its time is left; none once it is over. */
export const timeLeft = (
  { beganMonotonicMillis }: PodDeadline,
  { seconds, monotonicMillis }: Pick<PresentPod, "seconds" | "monotonicMillis">
): Duration.Duration => Duration.millis(Math.max(0, beganMonotonicMillis + seconds * 1000 - monotonicMillis))

/** What makes a declared Pod the same one. */
export const identityOf = (workload: DeclaredWorkload): string => {
  const plain = (container: DeclaredContainer) => ({ ...container, probes: undefined })
  const { containers, initContainers } = workload
  return sha256(
    revealedJson({
      ...workload,
      activeDeadlineSeconds: undefined,
      containers: containers.map(plain),
      initContainers: initContainers.map(plain)
    })
  )
}

/** The Pod that a declaration declares, now. */
export const presentPod = Effect.fnUntraced(function* (workload: DeclaredWorkload, text: string, seconds: number) {
  const pod: PresentPod = { ...(yield* present), pod: identityOf(workload), declaration: sha256(text), seconds }
  return pod
})

/** The last Pod that has a deadline; and, as long as it has not come up, the one before, which may run all the same. */
const PodDeadlines = Schema.Struct({ ...PodDeadline.fields, before: Schema.optionalKey(PodDeadline) })
export type PodDeadlines = typeof PodDeadlines.Type

/** Pure: the record of a Pod, or else of the last one. */
export const deadlineOf = ({ before, ...last }: PodDeadlines, pod: string): PodDeadline =>
  before?.pod === pod && last.pod !== pod ? before : last

/** Pure: what is to be on record while a Pod has not come up that is active. */
export const withBefore = (known: Option.Option<PodDeadlines>, active: PodDeadline): PodDeadlines => {
  if (Option.isNone(known)) return active
  const { before, ...last } = known.value
  const other = last.pod === active.pod ? before : (before ?? last)
  return other === undefined || other.pod === active.pod ? active : { ...active, before: other }
}

const entryName = "pod-deadline"
const Entry = Schema.fromJsonString(PodDeadlines)
const decode = Schema.decodeUnknownOption(Entry)
const encode = Schema.encodeSync(Entry)

/** What is on record; `none`, with a warning, if it cannot be read. */
export const readPodDeadlines = readEntry(entryName, "since when the Pod is active", decode)

export const writePodDeadlines = Effect.fnUntraced(
  function* (deadlines: PodDeadlines) {
    const state = yield* StateFolder
    yield* state.write(entryName, encode(deadlines))
  },
  withDeadline("FILE", "remember since when the Pod is active"),
  Effect.catch((error) =>
    tell({ _tag: "Warning", text: `since when the Pod is active is not remembered: ${error.message}` })
  )
)

/** No Pod with a deadline is what came up last. */
export const forgetPodDeadlines = Effect.gen(function* () {
  const state = yield* StateFolder
  yield* state.remove(entryName)
}).pipe(
  withDeadline("FILE", "forget since when the Pod was active"),
  Effect.catch((error) =>
    tell({ _tag: "Warning", text: `since when an earlier Pod was active is still remembered: ${error.message}` })
  )
)
