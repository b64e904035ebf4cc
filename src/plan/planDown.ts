import * as Duration from "effect/Duration"
import { isActive, isLost, type OurContainer } from "../observation/Observation.ts"
import type { DownObservation } from "../observation/observeDown.ts"
import { containerLabel, inStartOrder, isAside, isUnfinished, type Role, roleOf } from "../observation/Ownership.ts"
import { mayEnd } from "../vm/engine/ContainerSpec.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { planDownRemoval } from "./planDownRemoval.ts"
import { causeOf } from "./planRemovals.ts"
import { type Step, StepList } from "./Step.ts"
import { graceOf, leastGrace } from "./stopGrace.ts"

/** What the operator, or the VM's end, asks for. */
export interface DownDemand {
  /** Whether the containers, and all that is ours besides data and images, are to go too. */
  readonly remove: boolean
  /**
   * Until when they are not to run. Until the next run of Slipway no engine starts them, and that run starts the same ones
   * again. Until the next boot nothing is changed but that they end: it comes to what it would have come to without this.
   */
  readonly until: "the next run" | "the next boot"
  /** How long it may take from now: grace periods are shortened to fit. Undefined: as long as the grace periods are. */
  readonly within?: Duration.Duration | undefined
  /** Why what makes up the Pod is stopped. Absent: as `until` says. */
  readonly cause?: string
}

/** The steps that stop all that is ours, and remove it if that is asked for. */
export interface DownPlan {
  /** Our containers, in the order in which they are stopped, and what becomes of each. */
  readonly containers: ReadonlyArray<DownContainer>
  readonly remove: boolean
  /** In an order in which they can be done one by one. Empty: there is nothing to do. */
  readonly steps: ReadonlyArray<Step>
  readonly warnings: ReadonlyArray<string>
}

/** What becomes of one of our containers. */
export interface DownContainer {
  /** The engine's. */
  readonly id: string
  readonly name: string
  /** As it was declared; undefined where no label says so. */
  readonly container: string | undefined
  readonly role: Role
  /** What it was created from; undefined where the engine cannot inspect it. */
  readonly image: string | undefined
  /** How it was found. */
  readonly status: OurContainer["status"]
  /** Whether it runs, or would, and is stopped. */
  readonly isStopped: boolean
  /** Whether the next `up` is to start it again, if it is still there. */
  readonly isToReturn: boolean
}

/**
 * Stops all containers of ours in Kubernetes' order: side by side those that make up the Pod, then its sidecars one by
 * one, the last started first, then what holds their network. The engine starts none of them any more. Pure: the same
 * input gives the same plan. It touches nothing that is not ours, nor what is on disks and in host paths.
 */
export const planDown = (observation: DownObservation, demand: DownDemand): DownPlan => {
  const { remove, until } = demand
  const stages = stagesOf([...observation.containers, ...observation.lost])
  const steps = new StepList()
  const { stops, warnings } = planStops(steps, stages, demand)
  return {
    containers: stages.flat().map((container) => described(container, until, observation)),
    remove,
    steps: steps.inOrder,
    warnings: [...warnings, ...(remove ? planDownRemoval(steps, stages, observation, stops) : [])]
  }
}

type Stages = ReadonlyArray<ReadonlyArray<OurContainer>>

/** The containers of a stage are stopped side by side, one stage after the other. */
const stagesOf = (ours: ReadonlyArray<OurContainer>): Stages => {
  const lastFirst = ours.toSorted((one, other) => inStartOrder(other, one))
  const of = (...roles: ReadonlyArray<Role>) => lastFirst.filter((container) => roles.includes(roleOf(container)))
  // An init container that runs was left by a run that died: nothing waits for it.
  return [of("main", "init"), ...of("sidecar").map((one) => [one]), of("sandbox")].filter(({ length }) => length > 0)
}

const described = (
  container: OurContainer,
  until: DownDemand["until"],
  { restarting = [], stopped }: DownObservation
): DownContainer => ({
  id: container.id,
  name: container.name,
  container: container.labels[containerLabel],
  role: roleOf(container),
  image: isLost(container) ? undefined : container.image,
  status: container.status,
  isStopped: isActive(container),
  // What an agent was to start again is left to the next run, which starts what an earlier `down` has stopped as well.
  isToReturn:
    until === "the next run" &&
    (isToReturn(container) || restarting.includes(container.id) || stopped.includes(container.id))
})

/** What a run that died had set aside is brought back by its name; an init container is begun anew. */
const isToReturn = (container: OurContainer): boolean =>
  isActive(container) && !isLost(container) && !isAside(container) && !isUnfinished(container)

/** Gives the ids of the steps, and of which containers the grace period is shortened. */
const planStops = (steps: StepList, stages: Stages, { remove, until, within, cause: why }: DownDemand) => {
  const stops: Array<string> = []
  const warnings: Array<string> = []
  let before: ReadonlyArray<string> = []
  const last = stages.findLastIndex((stage) => stage.some(isActive))
  for (const [index, stage] of stages.entries()) {
    const limit = within && shareOf(within, stages.slice(index + 1, last + 1).length)
    const stopped = stage.flatMap((container) => {
      const role = roleOf(container)
      const disarmed =
        until === "the next run" && isToBeDisarmed(container, remove) ? [planDisarm(steps, container)] : []
      stops.push(...disarmed)
      if (!isActive(container)) return []
      const declared = graceOf(container)
      const grace = limit ? Duration.min(declared, limit) : declared
      // A sandbox ends at once.
      if (Duration.isLessThan(grace, declared) && role !== "sandbox") {
        warnings.push(
          `${container.name} has ${Duration.format(grace)} to end instead of ${Duration.format(declared)}: there is no more time`
        )
      }
      const cause = causeOf(container, role === "main" && why !== undefined ? why : stopCauses[until][role])
      return [steps.add("stop", container.name, { _tag: "Stop", container, grace }, cause, [...disarmed, ...before])]
    })
    stops.push(...stopped)
    if (stopped.length > 0) before = stopped
  }
  return { stops, warnings }
}

const lateCauses = {
  sidecar: "what it runs beside has ended by then, and so have the sidecars that were started after it",
  sandbox: "all that share what it holds have ended by then"
} as const

const stopCauses: { readonly [U in DownDemand["until"]]: { readonly [R in Role]: string } } = {
  "the next run": {
    main: "everything of ours is to be stopped",
    init: "everything of ours is to be stopped, and no run waits for its end",
    ...lateCauses
  },
  "the next boot": {
    main: "the machine goes down",
    init: "the machine goes down, and no run waits for its end",
    ...lateCauses
  }
}

/** For the engine to end what has used up its grace period, and to say so. */
const margin = Duration.millis(750)

/** When, from now, a stage has to be over so that the later ones have their share. An engine counts whole seconds. */
const shareOf = (within: Duration.Duration, later: number): Duration.Duration => {
  const left = Duration.subtract(within, Duration.sum(margin, Duration.times(leastGrace, later)))
  return Duration.max(leastGrace, Duration.seconds(Math.floor(Duration.toSeconds(left))))
}

/** An engine starts what ended against its policy when it comes up itself, whoever had stopped it. */
const isToBeDisarmed = (container: OurContainer, remove: boolean): container is ContainerInspection =>
  !isLost(container) &&
  container.restartPolicy.name !== "no" &&
  (isActive(container) || (!remove && !mayEnd(container.restartPolicy, container.exitCode)))

const planDisarm = (steps: StepList, container: ContainerInspection): string =>
  steps.add(
    "disarm",
    container.name,
    { _tag: "Disarm", container },
    "the engine is not to start it by itself before the next `up`",
    []
  )
