import * as Option from "effect/Option"
import { isActive, isLost, type OurContainer } from "../observation/Observation.ts"
import { hadEndedBeforeAside, policyBeforeAside } from "../observation/Ownership.ts"
import type { OldContainer } from "./comparison.ts"
import { type Action, type StepList } from "./Step.ts"
import { graceOf } from "./stopGrace.ts"

/**
 * Stops and removes containers that are not declared, where everything declared is there already. A container that runs,
 * or ran or had come to its end until it was set aside for one that is kept, stays until the kept ones are confirmed: it is
 * the way back.
 */
export const planRemovals = (steps: StepList, old: ReadonlyArray<OldContainer>, needs: ReadonlyArray<string>): void => {
  let ended: ReadonlyArray<string> = []
  for (const { container, cause } of old) {
    const isRunning = isActive(container)
    const isMarked =
      !isLost(container) && (Option.isSome(policyBeforeAside(container)) || hadEndedBeforeAside(container))
    const grace = isRunning ? Option.some(graceOf(container)) : Option.none()
    const behind = isRunning || isMarked ? [...needs, ...(isRunning ? ended : [])] : []
    const id = addRemoval(steps, { container, name: container.name, grace }, causeOf(container, cause), behind)
    if (isRunning) ended = [id]
  }
}

export const addRemoval = (
  steps: StepList,
  removal: Omit<Extract<Action, { readonly _tag: "Remove" }>, "_tag">,
  cause: string,
  needs: ReadonlyArray<string>
): string => {
  const { container, name } = removal
  const verb = name === container.name ? "remove" : "remove old"
  return steps.add(verb, container.name, { _tag: "Remove", ...removal }, cause, needs)
}

/** Why a container goes. A lost one goes for being lost; how it differs from the declaration matters only while it runs. */
export const causeOf = (container: OurContainer, cause: string): string =>
  !isLost(container) ? cause : isActive(container) ? `${cause}, and ${container.why}` : container.why
