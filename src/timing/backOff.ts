import * as Duration from "effect/Duration"

/** `first` after one failure, doubled with each that follows, and no longer than `longest`. */
export const doubled = (first: Duration.Duration, failures: number, longest: Duration.Duration): Duration.Duration =>
  Duration.min(Duration.times(first, 2 ** Math.min(failures - 1, 10)), longest)

const first = Duration.seconds(10)
const longest = Duration.minutes(5)

/** Kubernetes' back-off after that many failures in a row: 10 s, doubled each time, at most 5 min. */
export const backOff = (failures: number): Duration.Duration => doubled(first, failures, longest)

/**
 * So long, or up to a fifth shorter or longer, so that the VMs of a group do not all act at one moment. `random` is 0
 * to 1.
 */
export const jittered = (duration: Duration.Duration, random: number): Duration.Duration =>
  Duration.times(duration, 1 - spread + 2 * spread * random)

/** The most by which what is jittered differs, as a part of it. */
export const spread = 0.2
