import { isLost, type Observation, type OurContainer } from "../observation/Observation.ts"
import { hadEndedAs, isAside, roleOf } from "../observation/Ownership.ts"
import type { Member } from "./Member.ts"

/** Whether a container was stopped to be started again, by `down` or by an agent that is not there any more. */
export const isStoppedIn = (observation: Observation, container: OurContainer): boolean =>
  isStoppedByDown(observation, container) ||
  (isStoppedByAgent(observation, container) && !isWaitingIn(observation, container))

export const isStoppedByDown = ({ stopped }: Observation, container: OurContainer): boolean =>
  stopped.includes(container.id) && isInUse(container)

export const isStoppedByAgent = ({ restarting = [] }: Observation, container: OurContainer): boolean =>
  restarting.includes(container.id) && isInUse(container) && !isDoneJob(container)

const isDoneJob = (container: OurContainer): boolean =>
  !isLost(container) && container.restartPolicy.name === "no" && container.exitCode === 0

/** Whether the agent that this run belongs to starts it again, once its back-off has passed. */
export const isWaitingIn = ({ waiting = [] }: Pick<Observation, "waiting">, container: OurContainer): boolean =>
  waiting.includes(container.id) && isInUse(container)

/**
 * Whether it had come to its end by itself in this boot when it was set aside, and what was to take its place has not
 * come up, or it would be gone.
 */
export const hadEndedIn = (
  { stopped, restarting = [] }: Observation,
  { names }: Pick<Member, "names">,
  container: OurContainer
): boolean =>
  !isLost(container) &&
  hadEndedAs(names, container) &&
  !stopped.includes(container.id) &&
  !restarting.includes(container.id)

const isInUse = (container: OurContainer): boolean =>
  !isLost(container) && !isAside(container) && roleOf(container) !== "init"
