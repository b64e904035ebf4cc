import * as Effect from "effect/Effect"

/**
 * How much work something is, compared with other work on the same machine at the same time. Seconds say nothing about a
 * program: a slow or busy machine needs more of them. Processor time of this thread leaves out what the machine does
 * besides, but still grows with a shared cache or core, and the first runs are interpreted: so both works are measured in
 * turn, and the least that each ever took is compared. What disturbs only adds, so the least comes down to the work itself.
 */

/** After so many rounds it is the work, and no disturbance, that is more. */
const maximumRounds = 25

/** The first round compiles, and so says little. */
const minimumRounds = 3

/** Microseconds of this thread's processor time, and the result. */
export const processorTime = Effect.fnUntraced(function* <A, E, R>(work: Effect.Effect<A, E, R>) {
  const start = process.threadCpuUsage()
  const result = yield* work
  const { user, system } = process.threadCpuUsage(start)
  return { result, micros: user + system }
})

/** How many times as much as the other a work is; measured until that is at most the bound, and often where it is not. */
export const timesAsMuch = Effect.fnUntraced(function* <E, R>(
  work: Effect.Effect<unknown, E, R>,
  other: Effect.Effect<unknown, E, R>,
  bound: number
) {
  let [least, leastOther] = [Infinity, Infinity]
  for (let round = 1; ; round++) {
    leastOther = Math.min(leastOther, (yield* processorTime(other)).micros)
    least = Math.min(least, (yield* processorTime(work)).micros)
    // A clock that has not moved has nothing to compare.
    const times = least / Math.max(1, leastOther)
    if (round >= minimumRounds && (times <= bound || round >= maximumRounds)) return times
  }
})

/** Into so many parts a work is cut: a quadratic one is so many times as much as its parts together. */
const parts = 8

/** A linear work is as much as its parts; the memory that it needs at once may make it somewhat more. */
export const linear = 3

/** How many times as much work a size is as all its eighths together. What is made beforehand does not count. */
export const growth = <A, E, R>(
  make: (size: number) => A,
  work: (made: A) => Effect.Effect<unknown, E, R>,
  size: number
): Effect.Effect<number, E, R> => {
  const [whole, part] = [make(size), make(Math.ceil(size / parts))]
  const ofParts = Effect.forEach(Array.from({ length: parts }), () => work(part), { discard: true })
  return timesAsMuch(work(whole), ofParts, linear)
}
