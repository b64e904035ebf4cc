import * as Duration from "effect/Duration"
import { isLost, type OurContainer } from "../observation/Observation.ts"

/** How long a container that says nothing of it has between its stop signal and SIGKILL, as with konlet. */
export const stopGrace = Duration.seconds(10)

/**
 * As much of a grace period as the kubelet leaves to each container, after its hook and to what is stopped last; about
 * what a killed one takes to be gone.
 */
export const leastGrace = Duration.seconds(2)

/** The grace period of a container by what it was created with, which may be another declaration than the present one. */
export const graceOf = (container: OurContainer): Duration.Duration => {
  const seconds = isLost(container) ? undefined : container.config.stopTimeout
  // To an engine, less than 0 is for ever: somebody else made it so.
  return seconds === undefined || seconds < 0 ? stopGrace : Duration.seconds(seconds)
}
