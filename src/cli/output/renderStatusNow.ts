import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import type { RecordedContainer } from "../../record/RecordedContainer.ts"
import type { RunRecord } from "../../record/RunRecord.ts"
import type { LastRun, Status } from "../../record/Status.ts"
import type { ContainerNow, StatusNow } from "../../record/StatusNow.ts"
import { printable } from "../../text/printable.ts"
import { seconds } from "../../text/seconds.ts"

const verdicts = {
  "as declared": "As declared.",
  "not as declared": "Not as declared:",
  unknown: "Not known whether what runs is what is declared:"
} as const satisfies Readonly<Record<StatusNow["verdict"], string>>

/** A status for people: whether it is as declared and why not, what is declared, what runs, how the last run went. */
export const renderStatusNow = ({ verdict, reasons, run, containers, status }: StatusNow): string =>
  printable(
    [
      status?.lastRun?.result === "nothing declared" && verdict === "as declared"
        ? "The VM declares no container."
        : verdicts[verdict],
      ...reasons.map((reason) => `  ${reason}`),
      ...(status === null || (verdict === "unknown" && containers.length === 0 && status.lastRun === null)
        ? underWayLines(status, run)
        : [
            ...declaredLines(status),
            ...runningLines(status, containers),
            ...lastRunLines(status),
            ...underWayLines(status, run)
          ])
    ].join("\n")
  )

/** Values stand in one column. */
const row = (name: string, value: string): string => `${`${name}:`.padEnd(10)} ${value}`
const rows = (name: string, [first = "", ...others]: ReadonlyArray<string>): ReadonlyArray<string> => [
  row(name, first),
  ...others.map((value) => `${" ".repeat(11)}${value}`)
]

const declaredLines = ({ declared }: Status): ReadonlyArray<string> => {
  if (declared === null) return []
  const { containers } = declared
  return rows("Declared", [
    describeDeclared(declared),
    ...containers.map(({ name, image }) => (name === "" ? image : `${name}, from ${image}`))
  ])
}

const origins = {
  settings: "",
  metadata: "",
  "last good": ", the last that came up, as metadata did not answer"
} as const

/** `web.yaml, sha256 1f3a5b7c9d0e` */
export const describeDeclared = ({ origin, file, sha256 }: NonNullable<RunRecord["declared"]>): string =>
  `${file}${origins[origin]}, sha256 ${sha256.slice(0, 12)}`

const runningLines = ({ running }: Status, now: ReadonlyArray<ContainerNow>): ReadonlyArray<string> => {
  if (running === null) return [row("Runs", "not known: the engine did not say")]
  if (running.length > 0 && now.length === 0) return [row("Runs", "not known")]
  const digests = new Map(running.map((container) => [container.name, container]))
  const shown = now.filter(({ name }) => digests.get(name)?.role !== "sandbox")
  return shown.length === 0
    ? [row("Runs", "nothing")]
    : rows(
        "Runs",
        shown.map((container) => describeNow(container, digests.get(container.name)))
      )
}

/** `klt-web-abcd, from app:1 (sha256:1f3a5b7c9d0e), running since 2026-01-01T00:00:00.000Z, restarted twice` */
const describeNow = (
  { name, image, status, since, restarts, health }: ContainerNow,
  recorded: RecordedContainer | undefined
): string => {
  const isUp = status === "running" || status === "restarting" || status === "paused"
  return [
    name,
    `from ${image}${recorded?.digest == null ? "" : ` (${recorded.digest.slice(0, "sha256:".length + 12)})`}`,
    status === "gone"
      ? "not there any more"
      : isUp && since !== null
        ? `${status} since ${DateTime.formatIso(since)}`
        : status,
    ...(restarts === null || restarts === 0 ? [] : [`restarted ${restarts === 1 ? "once" : `${restarts} times`}`]),
    ...(health === null ? [] : [health]),
    ...(isUp && recorded?.ready != null ? [recorded.ready ? "ready when last probed" : "not ready"] : []),
    ...restartsText(recorded)
  ].join(", ")
}

/** `stopped twice for its probes, the last time at 2026-01-01T00:00:00.000Z` */
const restartsText = (recorded: RecordedContainer | undefined): ReadonlyArray<string> => {
  if (recorded?.probeRestarts === undefined) return []
  const { count, last, reason } = recorded.probeRestarts
  const times = count === 1 ? "once" : count === 2 ? "twice" : `${count} times`
  return [`stopped ${times} for its probes, the last time at ${DateTime.formatIso(last)}: ${reason}`]
}

const lastRunLines = ({ lastRun, nextTry, nextLook }: Status): ReadonlyArray<string> => {
  if (lastRun === null) return []
  const { result, error } = lastRun
  const isTold = result === "failed" || result === "held back"
  return [
    row("Last run", describeLastRun(lastRun)),
    ...(isTold && error?.advice != null ? rows("Advice", error.advice.split("\n")) : []),
    ...(nextTry !== null
      ? [row("Next try", describeNextTry(nextTry, error?.tag))]
      : nextLook === undefined
        ? []
        : [row("Next try", describeNextLook(nextLook))])
  ]
}

/** `not before 2026-01-01T00:00:00.000Z, or when the declaration or the image changes`, by which error it was. */
export const describeNextTry = (nextTry: NonNullable<Status["nextTry"]>, tag: string | undefined): string => {
  const time = nextTry === "next boot" ? "in the next boot" : `not before ${DateTime.formatIso(nextTry)}`
  // A Pod whose time is over is not another one with another image behind its tags.
  return `${time}, or when the declaration${tag === "DeadlineExceeded" ? "" : " or the image"} changes`
}

/** `at 2026-01-01T00:00:00.000Z, or when something changes` */
const describeNextLook = (nextLook: DateTime.Utc | null): string =>
  nextLook === null ? "when the declaration changes" : `at ${DateTime.formatIso(nextLook)}, or when something changes`

/** `failed at 2026-01-01T00:00:00.000Z, after 3.2 s` */
const describeLastRun = ({ result, ended, seconds: took, steps, repeated }: LastRun): string =>
  [
    `${result === "done" ? "came up" : result} at ${DateTime.formatIso(ended)}, after ${seconds(Duration.seconds(took))}`,
    ...(result === "done" ? [steps === 0 ? "with nothing to do" : steps === 1 ? "1 step" : `${steps} steps`] : []),
    ...(repeated > 1 ? [`the ${ordinal(repeated)} in a row`] : [])
  ].join(", ")

const ordinal = (number: number): string => {
  const teen = number % 100 >= 11 && number % 100 <= 13
  const ending = teen ? "th" : (["th", "st", "nd", "rd"][number % 10] ?? "th")
  return `${number}${ending}`
}

/**
 * ```
 * Run:       under way since 2026-01-01T00:00:00.000Z, for metadata:slipway-declaration, sha256 5f2b0c8e91d7
 *            since 2026-01-01T00:00:04.000Z: run the init container klt-setup-bxqd to its end
 * ```
 */
const underWayLines = (status: Status | null, run: StatusNow["run"]): ReadonlyArray<string> => {
  if (status === null || status.underWay === null || run === null) return []
  const { since, declared = null, restart, doing = [], waitsFor = null } = status.underWay
  const began = DateTime.formatIso(since)
  const what = declared === null ? "" : `, for ${describeDeclared(declared)}`
  // While it lives, the verdict says so.
  const why =
    restart === undefined || run !== "dead" ? [] : [`${restart.name} was being ${restart.what}: ${restart.reason}`]
  return rows("Run", [
    `${runTexts[run].replace("SINCE", began)}${what}`,
    ...why,
    ...doing.map((one) => `since ${DateTime.formatIso(one.since)}: ${one.text}`),
    ...(waitsFor === null ? [] : [waitsFor])
  ])
}

const runTexts = {
  "under way": "under way since SINCE",
  dead: "died; it had begun at SINCE",
  unknown: "under way since SINCE, or has died"
} as const satisfies Readonly<Record<NonNullable<StatusNow["run"]>, string>>
