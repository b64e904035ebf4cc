import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { failed } from "../apply/confirm.ts"
import { endWords } from "../vm/engine/ContainerSpec.ts"
import type { Observation } from "../observation/Observation.ts"
import { isWaitingIn } from "../plan/restingContainers.ts"
import { isFailedJob } from "../plan/doubt.ts"
import type { ReportedContainer } from "./Report.ts"

/**
 * Fails with the first job that had failed before this run. All else that is declared is in place by then: a job is not
 * started again in this boot, and is no reason to leave the others as they are.
 */
export const judgeJobs = Effect.fnUntraced(function* (
  containers: ReadonlyArray<ReportedContainer>,
  observation: Observation
) {
  for (const { found, kept, role } of containers) {
    if (!kept || role === "init" || Option.isNone(found) || !isFailedJob(found.value, found.value)) continue
    // Its agent has stopped it for a probe, and says so.
    if (isWaitingIn(observation, found.value)) continue
    const { exitCode } = found.value
    return yield* failed(found.value, { detail: endWords(found.value), exitCode: Option.some(exitCode), isJob: true })
  }
})
