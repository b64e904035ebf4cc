import * as Duration from "effect/Duration"
import { isLost, type OurContainer } from "../observation/Observation.ts"

/** How long a container that says nothing of it has between its stop signal and SIGKILL, as with konlet. */
export const stopGrace = Duration.seconds(10)

/** The same for a container by what it was created with, which may be another declaration than the present one. */
export const graceOf = (container: OurContainer): Duration.Duration => {
  const seconds = isLost(container) ? undefined : container.config.stopTimeout
  // To an engine, less than 0 is for ever: somebody else made it so.
  return seconds === undefined || seconds < 0 ? stopGrace : Duration.seconds(seconds)
}
