import * as Duration from "effect/Duration"
import { describe } from "../../plan/describe.ts"
import type { DownIncomplete } from "../../startup/DownIncomplete.ts"
import type { DownedContainer, DownReport } from "../../startup/DownReport.ts"
import type { DownTooLate } from "../../startup/DownTooLate.ts"
import { seconds } from "../../text/seconds.ts"

/** What became of each container, one line each, and how long it took. */
export const renderDownReport = (report: DownReport): string => {
  const { containers, steps, warnings, took, remove } = report
  const touched = containers.filter(({ isStopped }) => isStopped || remove)
  if (steps.length === 0) return "No container of ours runs: nothing to do."
  return [
    ...touched.map((container) => `${container.name} ${outcome(container)}`),
    ...warnings.map((text) => `warning: ${text}`),
    `${steps.length === 1 ? "1 step" : `${steps.length} steps`} in ${seconds(took)}`
  ].join("\n")
}

const outcome = ({ isStopped, status, exitCode }: DownedContainer): string => {
  const stopped = isStopped ? "was stopped" : "did not run"
  if (status === "gone") return isStopped ? "was stopped and removed" : "was removed"
  return exitCode === undefined ? stopped : `${stopped}: exit code ${exitCode}`
}

/** To the millisecond. */
const rounded = (duration: Duration.Duration): number => Math.round(Duration.toMillis(duration)) / 1000

/**
 * The same for programs. `version` changes where a program would have to know; what is added does not change it.
 * Containers are in the order in which they were stopped.
 */
export const downReportJson = (
  { containers, remove, steps, warnings, took }: DownReport,
  failure?: DownIncomplete | DownTooLate
): string =>
  JSON.stringify(
    {
      version: 1,
      remove,
      containers: containers.map(
        ({ id, name, container = null, role, image = null, status, exitCode = null, isStopped, isToReturn }) => ({
          id,
          name,
          container,
          role,
          image,
          status,
          exitCode,
          isStopped,
          isToReturn: isToReturn && status !== "gone"
        })
      ),
      steps: steps.map(({ step, began, took }) => ({
        id: step.id,
        kind: step.action._tag,
        cause: step.cause,
        beganSeconds: rounded(began),
        tookSeconds: rounded(took)
      })),
      error: failure === undefined ? null : { tag: failure._tag, message: failure.message, advice: failure.advice },
      failures: (failure?.failures ?? []).map(({ step, error }) => ({
        id: step.id,
        step: describe(step.action),
        error: error._tag,
        message: error.message
      })),
      warnings,
      tookSeconds: rounded(took)
    },
    null,
    2
  )
