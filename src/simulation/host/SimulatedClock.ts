import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"

/** The wall clock of a VM, and how it is set. */
export interface SimulatedClock {
  readonly clock: Clock.Clock
  /** The wall clock jumps by so many milliseconds, backwards if negative. */
  readonly jump: (millis: number) => void
}

const nanosPerMilli = 1_000_000
const nanosPerMilliBigint = BigInt(nanosPerMilli)

/**
 * The clock of a simulated machine. Time passes as outside; only the wall clock differs, which is wrong until NTP
 * answers and then jumps.
 */
export const makeSimulatedClock: Effect.Effect<SimulatedClock> = Effect.map(Clock.Clock, (outside) => {
  let offsetMillis = 0
  const millis = () => outside.currentTimeMillisUnsafe() + offsetMillis
  const nanos = () => outside.currentTimeNanosUnsafe() + BigInt(Math.round(offsetMillis * nanosPerMilli))
  // It keeps the methods of the outer clock: a test clock is adjusted through the clock in force.
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

/** Milliseconds on the monotonic clock, as an integer. Only differences mean something. */
export const monotonicMillis: Effect.Effect<number> = Effect.map(Clock.Clock, (clock) =>
  Number(clock.monotonicTimeNanosUnsafe() / nanosPerMilliBigint)
)

/** The wall clock's time, which the engine records and people see. */
export const wallMillis: Effect.Effect<number> = Effect.map(DateTime.now, DateTime.toEpochMillis)
