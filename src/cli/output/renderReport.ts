import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { Report, ReportedContainer } from "../../startup/Report.ts"
import type { ContainerInspection } from "../../vm/engine/Inspection.ts"
import { printable } from "../../text/printable.ts"
import { seconds } from "../../text/seconds.ts"
import { shortened } from "../../text/shortened.ts"

const width = 32

/** The longest name of a step in the timeline: with it a line fits into 80 columns. */
const longestName = 34

/** The report: what runs now, and a small timeline of what was done. */
export const renderReport = (report: Report): string => {
  if (report._tag === "NothingDeclared") return "The VM declares no container: nothing to do."
  if (report._tag === "GaveWay") {
    return "Gave way to `slipway down`, which waited for this run, and stops what runs."
  }
  if (report._tag === "LeftDown") {
    return (
      "What `slipway down` has stopped is left so until the declaration changes, `slipway up` or " +
      "`systemctl reload slipway` asks for it, or the VM boots."
    )
  }
  return [
    ...report.containers.flatMap((container) => [describeContainer(container), ...messageOf(container)]),
    ...report.degraded.map((text) => `CAUTION: ${text}`),
    ...timeline(report),
    ...report.warnings.map((text) => `warning: ${text}`)
  ].join("\n")
}

/** The same in one line, as a service manager shows it. */
export const renderStatus = (report: Report): string => {
  if (report._tag !== "Running") return renderReport(report)
  const { containers } = report
  return containers.length === 1
    ? describeContainer(containers[0])
    : containers.map((container) => `${container.name}: ${stateOf(container)}`).join(", ")
}

/** `klt-web-abcd was started: running, app:1 (sha256:…)` */
const describeContainer = (container: ReportedContainer): string => {
  const { name, role, kept, image, digest } = container
  const id = Option.match(digest, { onNone: () => "", onSome: (digest) => ` (${digest})` })
  const what = kept ? "was as declared" : role === "init" ? "was run" : "was started"
  return `${name} ${what}: ${stateOf(container)}, ${image}${id}`
}

const messageOf = ({ terminationMessage }: ReportedContainer): ReadonlyArray<string> =>
  terminationMessage === undefined ? [] : terminationMessage.split("\n").map((line) => `  > ${printable(line)}`)

const stateOf = (container: ReportedContainer): string =>
  Option.match(container.found, {
    onNone: () => (container.status === "unknown" ? "its state is not known" : container.status),
    onSome: describeStatus(container)
  })

/** What runs on from before is told with its age. */
const describeStatus =
  ({ kept, since }: ReportedContainer) =>
  ({
    status,
    exitCode,
    hasRunOutOfMemory = false
  }: Pick<ContainerInspection, "status" | "exitCode" | "hasRunOutOfMemory">): string =>
    (status === "exited"
      ? `ended with exit code ${exitCode}`
      : `${status}${Option.match(kept ? since : Option.none<number>(), {
          onNone: () => "",
          onSome: (millis) => ` since ${DateTime.formatIso(DateTime.makeUnsafe(millis))}`
        })}`) + (hasRunOutOfMemory ? ", ran out of memory" : "")

const timeline = ({ steps, took }: Extract<Report, { readonly _tag: "Running" }>): ReadonlyArray<string> => {
  if (steps.length === 0) return [`nothing to do, seen in ${seconds(took)}`]
  const ordered = steps.toSorted((a, b) => Duration.toMillis(a.began) - Duration.toMillis(b.began))
  const ends = ordered.map(({ began, took }) => Duration.toMillis(began) + Duration.toMillis(took))
  const whole = Math.max(1, ...ends)
  const names = Math.max("in all".length, ...ordered.map(({ step }) => shortened(step.id, longestName).length))
  const lines = ordered.map(({ step, began, took }) => {
    const from = Math.min(width - 1, Math.floor((Duration.toMillis(began) / whole) * width))
    const length = Math.max(1, Math.round((Duration.toMillis(took) / whole) * width))
    const bar = `${" ".repeat(from)}${"█".repeat(Math.min(length, width - from))}`.padEnd(width)
    return `  ${shortened(step.id, longestName).padEnd(names)}  ${bar}  ${seconds(took).padStart(8)}`
  })
  return [...lines, `  ${"in all".padEnd(names)}  ${" ".repeat(width)}  ${seconds(took).padStart(8)}`]
}
