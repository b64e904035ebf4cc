import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { tell } from "../progress/Progress.ts"
import { withDeadline } from "./Deadlines.ts"
import { Interruption } from "./Interruption.ts"
import { isRetryable, type Retried, retrying } from "./Retries.ts"

/**
 * When the outcome is unknown, as it is after an error that `isAmbiguous`, checks whether the change took effect, and fails
 * only if it did not.
 */
export const unlessDone =
  <E2, R2>(isDone: Effect.Effect<boolean, E2, R2>, isAmbiguous: (error: unknown) => boolean = isRetryable) =>
  <E, R>(change: Effect.Effect<unknown, E, R>): Effect.Effect<void, E | E2, R | R2> =>
    unlessMade(whatIsDone(isDone), isAmbiguous)(Effect.asVoid(change))

/** The same of a change that gives something: checks for that. */
export const unlessMade =
  <A, E2, R2>(made: Effect.Effect<Option.Option<A>, E2, R2>, isAmbiguous: (error: unknown) => boolean = isRetryable) =>
  <E, R>(change: Effect.Effect<A, E, R>): Effect.Effect<A, E | E2, R | R2> =>
    Effect.catchIf(change, isAmbiguous, (error) =>
      Effect.flatMap(made, Option.match({ onNone: () => Effect.fail(error), onSome: Effect.succeed }))
    )

const whatIsDone = <E, R>(isDone: Effect.Effect<boolean, E, R>): Effect.Effect<Option.Option<void>, E, R> =>
  Effect.map(isDone, (done) => (done ? Option.some(undefined) : Option.none()))

/**
 * How long an interrupted run waits for the answer to a change, plus the grace period of a stop. An engine that has not
 * answered by then hangs.
 */
const answerLimit = Duration.seconds(20)

/** A shorter wait is not worth reporting. */
const saidAfter = Duration.seconds(1)
const sayWaiting = (operation: string) =>
  tell({ _tag: "Waiting", text: `the engine's answer, before this run ends: ${operation}` })

/**
 * The engine carries on with a change whether or not anybody waits for the answer. An interrupted run waits for it,
 * within `limit`, so that it can roll back what was done, unless it is taken over.
 */
const untilAnswered =
  (operation: string, limit: Duration.Duration) =>
  <A, E, R>(change: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const interruption = yield* Interruption
        const fiber = yield* Effect.forkChild(change)
        const answered = Fiber.await(fiber).pipe(
          Effect.timeoutOrElse({ duration: saidAfter, orElse: () => sayWaiting(operation) }),
          Effect.andThen(Effect.timeoutOption(Fiber.await(fiber), limit))
        )
        return yield* Effect.onInterrupt(restore(Fiber.join(fiber)), () =>
          Effect.andThen(interruption() === "taken over" ? Effect.void : answered, Fiber.interrupt(fiber))
        )
      })
    )

/**
 * An operation that changes the VM. When its answer is lost (a timeout, a reset, a failure of the engine), checks
 * whether the change took effect, and retries only if it did not. A slow engine may carry a request out after the
 * check, and then refuse the retry for what the first try has done: that is checked for too.
 */
export const attemptChange =
  <E2 extends { readonly message: string }, R2>(
    setting: Retried,
    operation: string,
    isDone: Effect.Effect<boolean, E2, R2>,
    extra: Duration.Duration = Duration.zero
  ) =>
  <E extends { readonly message: string }, R>(effect: Effect.Effect<unknown, E, R>) =>
    attemptMaking(setting, operation, whatIsDone(isDone), extra)(Effect.asVoid(effect))

/** The same of a change that gives something: checks for that. */
export const attemptMaking =
  <A, E2 extends { readonly message: string }, R2>(
    setting: Retried,
    operation: string,
    made: Effect.Effect<Option.Option<A>, E2, R2>,
    extra: Duration.Duration = Duration.zero
  ) =>
  <E extends { readonly message: string }, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.suspend(() => {
      let isAmbiguous = false
      return effect.pipe(
        withDeadline(setting, operation, extra),
        untilAnswered(operation, Duration.sum(answerLimit, extra)),
        unlessMade(made, (error) => (isAmbiguous ||= isRetryable(error))),
        retrying(setting, operation)
      )
    })
