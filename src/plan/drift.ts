import { isLost, type Observation, type OurContainer } from "../observation/Observation.ts"
import { isAside, roleOf } from "../observation/Ownership.ts"
import type { EngineRestartPolicy } from "../vm/engine/ContainerSpec.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { type Member, subjectOf } from "./Member.ts"
import type { StepList } from "./Step.ts"

/** How a container that is as declared differs from what it was created as, by what can be put right while it runs. */
export interface Drift {
  /** As it was found. */
  readonly container: ContainerInspection
  /** What it is to have. */
  readonly name: string
  readonly restartPolicy: EngineRestartPolicy
}

/**
 * Whether somebody has renamed it: by its labels it is what is declared, and by its id what a run of this boot left under
 * another name.
 */
export const isRenamedIn = (
  { left = [] }: Pick<Observation, "left">,
  { names }: Member,
  container: OurContainer
): boolean => !isAside(container) && nameBefore(left, names, container) !== undefined

const nameBefore = (
  left: NonNullable<Observation["left"]>,
  names: ReadonlyArray<string>,
  { id }: Pick<OurContainer, "id">
): string | undefined => left.find((one) => one.id === id && names.includes(one.name))?.name

/** Undefined where there is none, or nothing can be done about it. A name that another has by now is left to that. */
export const driftOf = (
  container: OurContainer,
  { names, spec: { restartPolicy } }: Member,
  { left = [], containers, lost, foreignNames, unusableNames }: Observation
): Drift | undefined => {
  if (isLost(container) || roleOf(container) === "init") return undefined
  const before = names.includes(container.name) ? undefined : nameBefore(left, names, container)
  const taken = [...[...containers, ...lost, ...unusableNames].map(({ name }) => name), ...foreignNames]
  const name = before === undefined || taken.includes(before) ? container.name : before
  const isAsItIsToBe = name === container.name && restartPolicy.name === container.restartPolicy.name
  return isAsItIsToBe && container.status !== "paused" ? undefined : { container, name, restartPolicy }
}

/** Puts it right. Gives the ids of the steps. */
export const planDrift = (steps: StepList, member: Member, drift: Drift | undefined): ReadonlyArray<string> => {
  if (drift === undefined) return []
  const { container, name, restartPolicy } = drift
  const causes = [
    ...(container.status === "paused" ? ["somebody has paused it"] : []),
    ...(name === container.name ? [] : ["somebody has renamed it"]),
    ...(restartPolicy.name === container.restartPolicy.name
      ? []
      : [`its restart policy is "${container.restartPolicy.name}", not as declared`])
  ]
  return [steps.add("adjust", subjectOf(member), { _tag: "Adjust", ...drift }, causes.join("; "), [])]
}
