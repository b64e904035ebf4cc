import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { deadlineTable } from "../../src/timing/Deadlines.ts"

/** So many times as fast the clock runs as a rule: pauses are short, and what works has time even on a busy machine. */
const usual = 8

/** And so many times while a fault holds a call for good: its deadline comes soon. */
const hastened = 200

/** Of real time, in milliseconds: so often is looked at how fast the clock runs. */
const slice = 20

/**
 * As the clock runs as a rule, 15 real seconds for each operation, and half of that for the ping, which is given up after
 * two minutes; a pull has all its tries.
 */
export const patientDeadlines: Readonly<Record<keyof typeof deadlineTable, Duration.Duration>> = {
  ...(Object.fromEntries(
    Object.keys(deadlineTable).map((name) => [name, Duration.minutes(2)])
  ) as unknown as typeof deadlineTable),
  PING: Duration.minutes(1),
  PULL: deadlineTable.PULL
}

/** Runs an effect by a clock of which real time decides little: what is not held does not come near its deadline. */
export const withHastenedClock =
  ({ isHolding }: { readonly isHolding: () => boolean }) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(Clock.Clock, (base) => {
      const origin = base.currentTimeMillisUnsafe()
      let seenAt = base.monotonicTimeNanosUnsafe()
      let passed = 0
      /** Milliseconds since the beginning, by this clock. */
      const now = (): number => {
        const at = base.monotonicTimeNanosUnsafe()
        passed += (Number(at - seenAt) / 1e6) * (isHolding() ? hastened : usual)
        seenAt = at
        return passed
      }
      const millis = () => origin + Math.floor(now())
      const nanos = () => BigInt(origin) * 1_000_000n + BigInt(Math.floor(now() * 1e6))
      const until = (end: number): Effect.Effect<void> =>
        Effect.suspend(() => {
          const left = end - now()
          if (left <= 0) return Effect.void
          return Effect.andThen(base.sleep(Duration.millis(Math.min(slice, left / usual))), until(end))
        })
      return Effect.provideService(effect, Clock.Clock, {
        currentTimeMillisUnsafe: millis,
        currentTimeMillis: Effect.sync(millis),
        currentTimeNanosUnsafe: nanos,
        currentTimeNanos: Effect.sync(nanos),
        monotonicTimeNanosUnsafe: nanos,
        monotonicTimeNanos: Effect.sync(nanos),
        sleep: (duration) => Effect.suspend(() => until(now() + Duration.toMillis(duration)))
      })
    })
