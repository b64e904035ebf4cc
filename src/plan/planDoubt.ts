import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { type ContainerSpec, isEndAsDeclared } from "../vm/engine/ContainerSpec.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import type { Observation } from "../observation/Observation.ts"
import { policyBeforeAside } from "../observation/Ownership.ts"
import type { PlanSettings } from "./PlanSettings.ts"
import type { StepList } from "./Step.ts"

/** A container that has been up for as long counts as up again to the engine's restart manager, too. */
const settledAfter = Duration.seconds(10)

/**
 * Confirms a container that is left alone as it is what is declared, where it does not look well or was never confirmed. Gives
 * the ids of the steps.
 */
export const doubtSteps = (
  steps: StepList,
  subject: string,
  kept: ContainerInspection,
  { containers, wallMillis }: Pick<Observation, "containers" | "wallMillis">,
  spec: ContainerSpec,
  { confirm }: Pick<PlanSettings, "confirm">
): ReadonlyArray<string> => {
  const cause = Option.orElse(doubt(kept, spec, wallMillis), () =>
    containers.some((container) => Option.isSome(policyBeforeAside(container)))
      ? Option.some("an earlier run ended before it had confirmed it")
      : Option.none()
  )
  if (Option.isNone(cause)) return []
  const { name, restartCount } = kept
  const { restartPolicy } = spec
  const unsettled = restartCount === 0 ? 0 : Duration.toMillis(settledAfter) - upMillis(kept, wallMillis)
  const window = Duration.isZero(confirm) ? confirm : Duration.max(confirm, Duration.millis(Math.max(0, unsettled)))
  return [
    steps.add(
      "confirm",
      subject,
      { _tag: "Confirm", name, restartPolicy, window, restartsBefore: restartCount },
      cause.value,
      []
    )
  ]
}

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
    return isEndAsDeclared(spec.restartPolicy, exitCode)
      ? Option.none()
      : Option.some(`it has ended with exit code ${exitCode}`)
  }
  if (Option.contains(health, "unhealthy")) return Option.some("it is unhealthy by its image's health check")
  return restartCount > 0 && upMillis(container, wallMillis) < Duration.toMillis(settledAfter)
    ? Option.some(`the engine has started it again ${restartCount} times, the last time just now`)
    : Option.none()
}

/** How long it has been up. A start that seems to lie in the future is one after which the clock was set back. */
const upMillis = ({ startedAt }: ContainerInspection, wallMillis: number): number =>
  Option.match(startedAt, { onNone: () => 0, onSome: (started) => Math.max(0, wallMillis - started) })
