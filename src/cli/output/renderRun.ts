import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { describeRunning } from "../../progress/Aftermath.ts"
import { headingOf } from "../../record/headingOf.ts"
import type { RunRecord, StepStatus } from "../../record/RunRecord.ts"
import type { Status } from "../../record/Status.ts"
import { outcomeWords } from "../../record/timeline.ts"
import { printable } from "../../text/printable.ts"
import { seconds } from "../../text/seconds.ts"
import { describeDeclared, describeNextTry } from "./renderStatusNow.ts"

/**
 * A run for people: what was declared, what was found, what was done and why, or why nothing was, and what ran at its end.
 * `status` may tell of later runs that did nothing and ended in the same way.
 */
export const renderRun = (run: RunRecord, status: Option.Option<Status>): string =>
  printable(
    [
      headingOf(run),
      ...given("Declared", declaredLines(run)),
      ...given("Found", run.found),
      ...run.plans.flatMap(({ summary, steps }) => [`Plan: ${summary}`, ...steps.flatMap(describeStep)]),
      ...(run.plans.length === 0 ? ["Plan: none was made; nothing was changed."] : []),
      ...given(run.result === "held back" ? "Held back" : "Failed", errorLines(run)),
      ...given("The last lines of its log", run.lastLogLines),
      ...given("Caution", run.degraded),
      ...given("Warnings", run.warnings),
      ...given("At its end", runningLines(run)),
      ...given("Next try", run.nextTry === null ? [] : [describeNextTry(run.nextTry)]),
      ...given("Since then", sinceThen(run, status))
    ].join("\n")
  )

const given = (title: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)]

const declaredLines = ({ declared }: RunRecord): ReadonlyArray<string> =>
  declared === null
    ? []
    : [
        describeDeclared(declared),
        ...declared.containers.map(({ name, image }) => (name === "" ? image : `${name}, from ${image}`))
      ]

/** The outcome and how long it took, in columns; below it why, and how it failed. */
const describeStep = (step: StepStatus): ReadonlyArray<string> => {
  const { text, cause, tookMillis, message } = step
  const took = tookMillis === null ? "" : seconds(Duration.millis(tookMillis))
  const indent = " ".repeat(26)
  return [
    `  ${outcomeWords(step).padEnd(11)}  ${took.padStart(8)}   ${text}`,
    `${indent}because ${cause}`,
    ...(message === null ? [] : [`${indent}${message}`])
  ]
}

const errorLines = ({ error }: RunRecord): ReadonlyArray<string> =>
  error === null
    ? []
    : [error.message, ...(error.advice === null ? [] : [error.advice])].flatMap((text) => text.split("\n"))

const runningLines = ({ running }: RunRecord): ReadonlyArray<string> => {
  if (running === null) return ["what ran is not known: the engine did not say"]
  const shown = running.filter(({ role }) => role !== "sandbox")
  return shown.length === 0
    ? ["nothing ran"]
    : shown.map(({ name, image, status, since, exitCode }) =>
        exitCode === null
          ? describeRunning({
              name,
              image,
              status,
              since: Option.map(Option.fromNullOr(since), DateTime.toEpochMillis)
            })
          : `${name}, from ${image}, ended with exit code ${exitCode}`
      )
}

const sinceThen = (run: RunRecord, status: Option.Option<Status>): ReadonlyArray<string> => {
  const last = Option.getOrUndefined(status)?.lastRun
  // The restart of one container is no run that the others could repeat.
  if (run.restart !== undefined || last == null || last.repeated < 2 || last.result !== run.result) return []
  const count = last.repeated - 1
  return [
    `${count === 1 ? "another run has" : `${count} other runs have`} ended in the same way and done nothing, ` +
      `the last at ${DateTime.formatIso(last.ended)}`
  ]
}
