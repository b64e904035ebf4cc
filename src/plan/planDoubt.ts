import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { isLost, type Observation } from "../observation/Observation.ts"
import { policyBeforeAside } from "../observation/Ownership.ts"
import type { PlanSettings } from "./PlanSettings.ts"
import type { Fate } from "./comparison.ts"
import { isWaitingIn } from "./restingContainers.ts"
import { doubt, isFailedJob, settledAfter, upMillis } from "./doubt.ts"
import { planDrift } from "./drift.ts"
import { type Member, subjectOf } from "./Member.ts"
import { isProbed, planProbes, type ProbeSteps } from "./planProbes.ts"
import type { StepList } from "./Step.ts"

/** What a plan is made of. */
interface Surroundings {
  readonly observation: Observation
  readonly settings: PlanSettings
  readonly fates: ReadonlyArray<Fate>
}

/**
 * Puts right what is kept, and confirms it where it may not be well. Gives the ids of the steps, and which of them awaits
 * that it has started.
 */
export const planDoubt = (
  steps: StepList,
  { member, fate, kept, drift }: Fate,
  surroundings: Surroundings
): ProbeSteps => {
  const adjusted = planDrift(steps, member, drift)
  return Option.match(kept, {
    onNone: () => unprobed([]),
    onSome: (container) =>
      isLost(container) ||
      member.role === "init" ||
      fate === "stopped" ||
      isWaitingIn(surroundings.observation, container)
        ? unprobed(adjusted)
        : confirmation(steps, member, container, surroundings, adjusted)
  })
}

const unprobed = (all: ReadonlyArray<string>): ProbeSteps => ({ started: undefined, all })

/** Confirms it where it does not look well, or was never confirmed. Its probes, which succeeded once, are asked again. */
const confirmation = (
  steps: StepList,
  member: Member,
  kept: ContainerInspection,
  { observation: { containers, unready, wallMillis }, settings: { confirm }, fates }: Surroundings,
  adjusted: ReadonlyArray<string>
): ProbeSteps => {
  const { spec, container } = member
  const isUnconfirmed = containers.some((container) => Option.isSome(policyBeforeAside(container)))
  // A run says so once it has done what there is to be done about the others, unless a run that died had started them all.
  const startsOthers = fates.some((other) => other.fate !== "kept" && other.fate !== "done")
  if (isFailedJob(kept, spec) && (startsOthers || !isUnconfirmed)) return unprobed(adjusted)
  const isUnready = isProbed(container.probes) && unready.includes(kept.id) && kept.status !== "exited"
  const cause = Option.orElse(doubt(kept, spec, wallMillis), () =>
    isUnconfirmed
      ? Option.some("an earlier run ended before it had confirmed it")
      : isUnready
        ? Option.some("no run has seen its probes succeed")
        : Option.none()
  )
  if (Option.isNone(cause)) return unprobed(adjusted)
  const { id, name, restartCount } = kept
  const found = { id, restarts: restartCount }
  const { restartPolicy } = spec
  const unsettled = restartCount === 0 ? 0 : Duration.toMillis(settledAfter) - upMillis(kept, wallMillis)
  const window = Duration.isZero(confirm) ? confirm : Duration.max(confirm, Duration.millis(Math.max(0, unsettled)))
  const confirmed = steps.add(
    "confirm",
    subjectOf(member),
    { _tag: "Confirm", name, restartPolicy, window, kept: found },
    cause.value,
    adjusted
  )
  const { started, all } = planProbes(steps, member, adjusted, found, { name, cause: cause.value })
  return { started, all: [...adjusted, confirmed, ...all] }
}
