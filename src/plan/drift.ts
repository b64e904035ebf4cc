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
  if (isLost(container)) return undefined
  if (roleOf(container) === "init" && !isAside(container)) return undefined
  const taken = new Set([...[...containers, ...lost, ...unusableNames].map(({ name }) => name), ...foreignNames])
  const isFree = (name: string | undefined): name is string => name !== undefined && !taken.has(name)
  // The first may be that of what was to take its place.
  const before = isAside(container)
    ? names.find(isFree)
    : names.includes(container.name)
      ? undefined
      : nameBefore(left, names, container)
  const name = isFree(before) ? before : container.name
  const isAsItIsToBe = name === container.name && restartPolicy.name === container.restartPolicy.name
  return isAsItIsToBe && container.status !== "paused" ? undefined : { container, name, restartPolicy }
}

/** Puts it right. Gives the ids of the steps. */
export const planDrift = (steps: StepList, member: Member, drift: Drift | undefined): ReadonlyArray<string> => {
  if (drift === undefined) return []
  return [steps.add("adjust", subjectOf(member), { _tag: "Adjust", ...drift }, causeOf(drift), [])]
}

const causeOf = ({ container, name, restartPolicy }: Drift): string =>
  isAside(container)
    ? "it had come to its end when it was set aside for another, and is declared again"
    : [
        ...(container.status === "paused" ? ["somebody has paused it"] : []),
        ...(name === container.name ? [] : ["somebody has renamed it"]),
        ...(restartPolicy.name === container.restartPolicy.name
          ? []
          : [`its restart policy is "${container.restartPolicy.name}", not as declared`])
      ].join("; ")
