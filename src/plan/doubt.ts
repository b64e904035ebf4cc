import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { type ContainerSpec, endWords, isEndAsDeclared } from "../vm/engine/ContainerSpec.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"

/** After as long the engine's restart manager resets its delay: it takes the container for up again, too. */
export const settledAfter = Duration.seconds(10)

/** Why a container that is what is declared may not be well; `none` where it is. */
export const doubt = (
  container: ContainerInspection,
  spec: ContainerSpec,
  wallMillis: number
): Option.Option<string> => {
  const { status, exitCode, health, restartCount } = container
  if (status === "restarting") {
    return Option.some(`it has ended with exit code ${exitCode}, and the engine is to start it again`)
  }
  if (status === "exited") {
    return isEndAsDeclared(spec.restartPolicy, exitCode) ? Option.none() : Option.some(`it ${endWords(container)}`)
  }
  if (Option.contains(health, "unhealthy")) return Option.some("it is unhealthy by its image's health check")
  return isJustRestarted(container, wallMillis)
    ? Option.some(`the engine has restarted it ${restartCount} times, the last time just now`)
    : Option.none()
}

/** Whether the engine has restarted it, and it may end again. */
export const isJustRestarted = (container: ContainerInspection, wallMillis: number): boolean =>
  container.restartCount > 0 && upMillis(container, wallMillis) < Duration.toMillis(settledAfter)

/**
 * A job that has failed: it is not started again in this boot, and nothing that is done about others makes a difference
 * to it.
 */
export const isFailedJob = (
  { status, exitCode }: Pick<ContainerInspection, "status" | "exitCode">,
  { restartPolicy }: Pick<ContainerSpec, "restartPolicy">
): boolean => status === "exited" && restartPolicy.name === "no" && exitCode !== 0

/** How long it has been up. Where the start lies in the future, the clock was set back since. */
export const upMillis = ({ startedAt }: ContainerInspection, wallMillis: number): number =>
  Option.match(startedAt, { onNone: () => 0, onSome: (started) => Math.max(0, wallMillis - started) })
