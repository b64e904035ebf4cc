import * as Duration from "effect/Duration"
import * as Option from "effect/Option"

const units: Readonly<Record<string, (amount: number) => Duration.Duration>> = {
  ms: Duration.millis,
  s: Duration.seconds,
  m: Duration.minutes,
  h: Duration.hours
}

/** A length of time: `500ms`, `30s`, `5m`, `1h`, or Effect's own text, `3 seconds`. Neither negative nor infinite. */
export const parseDuration = (text: string): Option.Option<Duration.Duration> => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text.trim()) ?? []
  const make = unit === undefined ? undefined : units[unit]
  const parsed =
    make === undefined ? Duration.fromInput(text.trim() as Duration.Input) : Option.some(make(Number(amount)))
  // A duration in nanoseconds can be finite and its milliseconds not.
  return Option.filter(
    parsed,
    (duration) => Number.isFinite(Duration.toMillis(duration)) && !Duration.isNegative(duration)
  )
}
