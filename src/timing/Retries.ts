import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Schedule from "effect/Schedule"
import { tell } from "../progress/Progress.ts"
import { type Operation, type OperationTimeout, withDeadline } from "./Deadlines.ts"
import { stopwatch } from "./stopwatch.ts"

/** When an operation that failed is retried. */
interface RetryPolicy {
  /** Before the first retry; doubled from one to the next. */
  readonly first: Duration.Duration
  readonly longest: Duration.Duration
  /** Jitter, so that a fleet that failed together does not come back together. */
  readonly jittered: boolean
  /** The number of tries in all, or how long they go on. */
  readonly until: { readonly tries: number } | { readonly elapsed: Duration.Duration }
}

const reading: RetryPolicy = {
  first: Duration.millis(100),
  longest: Duration.seconds(1),
  // One of them asks a registry.
  jittered: true,
  until: { tries: 3 }
}
const changing: RetryPolicy = {
  first: Duration.seconds(1),
  longest: Duration.seconds(2),
  jittered: false,
  until: { tries: 3 }
}
const metadata: RetryPolicy = {
  first: Duration.millis(100),
  longest: Duration.seconds(5),
  jittered: true,
  // A metadata server that is late at boot is up by then; the budget is what a boot can spend waiting for its
  // declaration.
  until: { elapsed: Duration.minutes(5) }
}

/** The operations that are retried. Others are not: a mount and an fsck fail for reasons that stay. */
const retryPolicies = {
  METADATA: metadata,
  TOKEN: metadata,
  // The network may come up after us; half a minute's outage of the service must not fail a boot either.
  SECRET: { ...metadata, until: { elapsed: Duration.minutes(1) } },
  // The engine's socket may appear after we start.
  PING: { ...metadata, until: { elapsed: Duration.minutes(2) } },
  PULL: { first: Duration.seconds(1), longest: Duration.seconds(30), jittered: true, until: { tries: 5 } },
  CREATE: changing,
  START: changing,
  STOP: changing,
  REMOVE: changing,
  LIST: reading,
  INSPECT: reading,
  // Only if another program has the device open, which shows before anything is written.
  MKFS: { first: Duration.millis(500), longest: Duration.seconds(5), jittered: false, until: { tries: 6 } }
} as const satisfies Partial<Record<Operation, RetryPolicy>>

export type Retried = keyof typeof retryPolicies

/** The error itself says that the same call may succeed later. */
export const isRetryable = (error: unknown): boolean =>
  Predicate.hasProperty(error, "isRetryable") && error.isRetryable === true

/** `passed` is how long the tries have taken so far. */
const scheduleOf = ({ first, longest, jittered, until }: RetryPolicy, passed: Effect.Effect<Duration.Duration>) => {
  const spaced = Schedule.min([Schedule.exponential(first), Schedule.spaced(longest)])
  const paced = jittered ? Schedule.jittered(spaced) : spaced
  return "tries" in until
    ? Schedule.while(paced, ({ attempt }) => attempt < until.tries)
    : Schedule.while(paced, () => Effect.map(passed, (length) => Duration.isLessThanOrEqualTo(length, until.elapsed)))
}

/**
 * Retries an operation by its row, after errors that say that a retry may help. Reports each time what failed, how
 * often, and when the next try is. `isFinal` names errors after which a retry is of no use here.
 */
export const retrying =
  (setting: Retried, operation: string, isFinal: (error: unknown) => boolean = () => false) =>
  <A, E extends { readonly message: string }, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(stopwatch, (passed) => {
      const isWorthIt = (error: unknown) => isRetryable(error) && !isFinal(error)
      // Most operations succeed at once, and a schedule takes as long to make as a call: only what has failed gets one.
      return Effect.catchIf(effect, isWorthIt, (error) =>
        Effect.retry(failingFirst(error, effect), ($) =>
          $(scheduleOf(retryPolicies[setting], passed)).pipe(
            Schedule.while(({ input }) => isWorthIt(input)),
            Schedule.tap(({ input, attempt, duration }) =>
              tell({ _tag: "Retrying", operation, message: input.message, tries: attempt, next: duration })
            )
          )
        )
      )
    })

/** What has failed already, and is what it is from its second run on. */
const failingFirst = <A, E, R>(error: E, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
  let isFirst = true
  return Effect.suspend(() => {
    if (!isFirst) return effect
    isFirst = false
    return Effect.fail(error)
  })
}

/** An operation that changes nothing: each try has its deadline, and is retried. */
export const attempt =
  (setting: Retried, operation: string, isFinal?: (error: unknown) => boolean) =>
  <A, E extends { readonly message: string }, R>(
    effect: Effect.Effect<A, E, R>
  ): Effect.Effect<A, E | OperationTimeout, R> =>
    effect.pipe(withDeadline(setting, operation), retrying(setting, operation, isFinal))
