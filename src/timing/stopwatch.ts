import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"

/**
 * Starts a stopwatch; the effect that it gives reads it. It goes by the monotonic clock, as every duration and deadline
 * must: the wall clock is wrong at boot, jumps by hours when NTP answers, and is for display.
 */
export const stopwatch: Effect.Effect<Effect.Effect<Duration.Duration>> = Effect.map(
  Clock.monotonicTimeNanos,
  (began) => Effect.map(Clock.monotonicTimeNanos, (now) => Duration.nanos(now - began))
)

/** Milliseconds on the monotonic clock, as an integer. Only differences mean something. */
export const monotonicMillis: Effect.Effect<number> = Effect.map(Clock.monotonicTimeNanos, (nanos) =>
  Number(nanos / 1_000_000n)
)

/**
 * Ends a schedule a given time after the retried or repeated effect first began. `Schedule.upTo` and `Schedule.during`
 * would go by the wall clock.
 */
export const within =
  (limit: Duration.Duration) =>
  <Output, Input, E, R>(schedule: Schedule.Schedule<Output, Input, E, R>): Schedule.Schedule<Output, Input, E, R> =>
    Schedule.fromStep(
      Effect.flatMap(stopwatch, (passed) =>
        Schedule.toStep(
          Schedule.while(schedule, () => Effect.map(passed, (length) => Duration.isLessThanOrEqualTo(length, limit)))
        )
      )
    )
