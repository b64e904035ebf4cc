import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { describeRunning } from "../../progress/Aftermath.ts"
import { headingOf } from "../../record/headingOf.ts"
import { endOf, type RunRecord, type StepStatus } from "../../record/RunRecord.ts"
import type { Status } from "../../record/Status.ts"
import { outcomeWords } from "../../record/timeline.ts"
import { printable } from "../../text/printable.ts"
import { seconds } from "../../text/seconds.ts"
import { describeDeclared, describeNextTry } from "./renderStatusNow.ts"

/** What came after a run. */
interface Later {
  /** The run itself, or one that was held back for its failure, or has left down what it stopped. */
  readonly last: RunRecord
  /** Of the same boot. It may tell of runs that did nothing and ended in the same way as the last that is kept. */
  readonly status: Option.Option<Status>
}

/**
 * A run for people: what was declared, what was found, what was done and why, or why nothing was, what ran at its end, and
 * what has come of it since.
 */
export const renderRun = (run: RunRecord, later: Later): string =>
  printable(
    [
      headingOf(run),
      ...given("Declared", declaredLines(run)),
      ...given("Found", run.found),
      ...run.plans.flatMap(({ summary, steps }) => [`Plan: ${summary}`, ...steps.flatMap(describeStep)]),
      ...(run.plans.length === 0 ? ["Plan: none was made; nothing was changed."] : []),
      ...given(run.result === "held back" ? "Held back" : "Failed", errorLines(run)),
      ...given("The last lines of its postStart hook", run.hookLines ?? []),
      ...given("The last lines of its log", run.lastLogLines),
      ...given("Caution", run.degraded),
      ...given("Warnings", run.warnings),
      ...given("At its end", runningLines(run)),
      ...given("Next try", nextTryLines(run, later)),
      ...given("Since then", sinceThen(run, later))
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

const nextTryLines = (run: RunRecord, { last, status }: Later): ReadonlyArray<string> => {
  const known = Option.getOrUndefined(Option.filter(status, ({ lastRun }) => lastRun?.result === last.result))
  const nextTry = last === run ? run.nextTry : (known?.nextTry ?? last.nextTry)
  return nextTry === null ? [] : [describeNextTry(nextTry, run.error?.tag)]
}

const sinceThen = (run: RunRecord, { last, status }: Later): ReadonlyArray<string> => {
  const known = Option.getOrUndefined(status)?.lastRun
  const { repeated, ended } = known?.result === last.result ? known : { repeated: 1, ended: endOf(last) }
  const count = last === run ? repeated - 1 : repeated
  // The restart of one container is no run that the others could repeat.
  if (count === 0 || run.restart !== undefined) return []
  const how =
    last === run ? "ended in the same way" : last.result === "left down" ? "left it so" : "been held back for that"
  return [
    `${count === 1 ? "another run has" : `${count} other runs have`} ${how} and done nothing, the last at ${DateTime.formatIso(ended)}`
  ]
}
