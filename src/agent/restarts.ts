import * as Duration from "effect/Duration"
import { backOff } from "../timing/backOff.ts"

/** How often a container has been started again because of its probes, as far as that is remembered. */
export interface Restarts {
  /** Those that count for the next back-off. */
  readonly counted: number
  /** When the last of them was, by the monotonic clock in milliseconds. */
  readonly lastMillis: number
}

export const noRestarts: Restarts = { counted: 0, lastMillis: 0 }

/** What has run for so long is well again: its restarts are forgotten. Twice the longest back-off, as to the kubelet. */
const forgottenAfter = Duration.minutes(10)

/**
 * How long after its end a container is started again: at once the first time, then after Kubernetes' back-off, 10 s,
 * doubled with each restart up to 5 min, unless it has run for ten minutes since the last.
 */
export const pauseBefore = (restarts: Restarts, endedMillis: number): Duration.Duration => {
  const { counted } = remembered(restarts, endedMillis)
  return counted === 0 ? Duration.zero : backOff(counted)
}

/** What is remembered of a container that is started again at `nowMillis`, having ended at `endedMillis`. */
export const restarted = (restarts: Restarts, endedMillis: number, nowMillis: number): Restarts => ({
  counted: remembered(restarts, endedMillis).counted + 1,
  lastMillis: nowMillis
})

const remembered = (restarts: Restarts, endedMillis: number): Restarts =>
  endedMillis - restarts.lastMillis > Duration.toMillis(forgottenAfter) ? noRestarts : restarts
