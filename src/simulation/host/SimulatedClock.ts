import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"

/** The wall clock of a VM, and how it is set. */
export interface SimulatedClock {
  readonly clock: Clock.Clock
  /** The wall clock shows that many milliseconds more from now on, or fewer. */
  readonly jump: (millis: number) => void
}

const nanosPerMilli = 1_000_000

/**
 * The clock of a simulated machine: time passes as it does outside, whatever the wall clock shows. That one is wrong
 * until NTP answers, and then jumps.
 */
export const makeSimulatedClock: Effect.Effect<SimulatedClock> = Effect.map(Clock.Clock, (outside) => {
  let offsetMillis = 0
  const millis = () => outside.currentTimeMillisUnsafe() + offsetMillis
  const nanos = () => outside.currentTimeNanosUnsafe() + BigInt(Math.round(offsetMillis * nanosPerMilli))
  // What else the clock outside can do it still can: a test clock is adjusted through the one that is in force.
  const clock: Clock.Clock = Object.assign(Object.create(outside) as Clock.Clock, {
    currentTimeMillisUnsafe: millis,
    currentTimeMillis: Effect.sync(millis),
    currentTimeNanosUnsafe: nanos,
    currentTimeNanos: Effect.sync(nanos),
    monotonicTimeNanosUnsafe: () => outside.monotonicTimeNanosUnsafe(),
    monotonicTimeNanos: outside.monotonicTimeNanos,
    sleep: (duration: Parameters<Clock.Clock["sleep"]>[0]) => outside.sleep(duration)
  } satisfies Clock.Clock)
  return { clock, jump: (millis) => void (offsetMillis += millis) }
})

/** Whole milliseconds on the clock that nobody sets. Only the difference of two of them means something. */
export const monotonicMillis: Effect.Effect<number> = Effect.map(Clock.monotonicTimeNanos, (nanos) =>
  Number(nanos / BigInt(nanosPerMilli))
)

/** What the wall clock shows: what the engine writes down, and people are shown. */
export const wallMillis: Effect.Effect<number> = Effect.map(DateTime.now, DateTime.toEpochMillis)
