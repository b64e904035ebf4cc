import * as Duration from "effect/Duration"

/** `0.04 s`, `3.2 s`, `125 s` */
export const seconds = (duration: Duration.Duration): string => {
  const value = Duration.toMillis(duration) / 1000
  return `${value < 1 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)} s`
}
