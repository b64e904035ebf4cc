import * as Effect from "effect/Effect"

/**
 * Errors occur by the ten thousand where much is simulated, and nobody reads their stack traces. Virtual time does not
 * yield to the real world meanwhile.
 */
export const withoutStackTraces = <A, E, R>(run: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.acquireUseRelease(
    Effect.sync(() => {
      const { stackTraceLimit } = Error
      Error.stackTraceLimit = 0
      return stackTraceLimit
    }),
    () => run,
    (stackTraceLimit) => Effect.sync(() => void (Error.stackTraceLimit = stackTraceLimit))
  )
