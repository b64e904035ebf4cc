import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/** Runs an effect by a clock that is so many times as fast: deadlines and pauses pass sooner, and nothing waits for long. */
export const withFastClock =
  (factor: number) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(Clock.Clock, (base) => {
      const origin = base.currentTimeMillisUnsafe()
      const originNanos = base.currentTimeNanosUnsafe()
      const originMonotonic = base.monotonicTimeNanosUnsafe()
      const millis = () => origin + (base.currentTimeMillisUnsafe() - origin) * factor
      const nanos = () => originNanos + (base.currentTimeNanosUnsafe() - originNanos) * BigInt(factor)
      const monotonic = () => originMonotonic + (base.monotonicTimeNanosUnsafe() - originMonotonic) * BigInt(factor)
      return Effect.provideService(effect, Clock.Clock, {
        currentTimeMillisUnsafe: millis,
        currentTimeMillis: Effect.sync(millis),
        currentTimeNanosUnsafe: nanos,
        currentTimeNanos: Effect.sync(nanos),
        monotonicTimeNanosUnsafe: monotonic,
        monotonicTimeNanos: Effect.sync(monotonic),
        sleep: (duration) => base.sleep(Duration.divideUnsafe(duration, factor))
      })
    })
