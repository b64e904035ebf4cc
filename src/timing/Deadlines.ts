import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Predicate from "effect/Predicate"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import { tell } from "../progress/Progress.ts"
import { within } from "./stopwatch.ts"

/**
 * How long each operation may take, one try of it: one table. Each row is overridden by `SLIPWAY_<NAME>_TIMEOUT`.
 */
export const deadlineTable = {
  /** One metadata read: a local answer takes milliseconds, so five seconds of silence are a broken server. */
  METADATA: Duration.seconds(5),
  /** As metadata; a token that the server has to fetch first takes longer than the rest, yet under a second. */
  TOKEN: Duration.seconds(5),
  /** The engine's answer that it is alive. */
  PING: Duration.seconds(5),
  /** From asking for a pull to the engine's first word: it has to resolve, connect and authenticate. */
  PULL_FIRST_BYTE: Duration.minutes(2),
  /** Between two words of a pull. The engine reports several times a second while bytes come in. */
  PULL_STALL: Duration.minutes(1),
  /** A whole pull: 30 GB at 10 MB/s. */
  PULL: Duration.minutes(60),
  /** Long because the engine may still be unpacking or its disk be busy with a pull. */
  CREATE: Duration.minutes(4),
  START: Duration.minutes(3),
  /** On top of the grace period that the container has before it is killed. */
  STOP: Duration.minutes(2),
  REMOVE: Duration.minutes(2),
  LIST: Duration.seconds(30),
  INSPECT: Duration.seconds(30),
  /** For a disk that metadata lists to appear as a device. */
  DISK: Duration.seconds(60),
  MOUNT: Duration.minutes(2),
  /** A check of some terabytes, repairs included. */
  FSCK: Duration.minutes(30),
  MKFS: Duration.minutes(30)
} as const satisfies Record<string, Duration.Duration>

export type Operation = keyof typeof deadlineTable

/** When an operation that failed is tried again. */
interface Again {
  /** Before the second try; doubled from one to the next. */
  readonly first: Duration.Duration
  readonly longest: Duration.Duration
  /** Spread by chance, so that a fleet which failed together does not come back together. */
  readonly jittered: boolean
  /** How many tries there are in all, or for how long they go on. */
  readonly until: { readonly tries: number } | { readonly elapsed: Duration.Duration }
}

const reading: Again = {
  first: Duration.millis(100),
  longest: Duration.seconds(1),
  // One of them asks a registry.
  jittered: true,
  until: { tries: 3 }
}
const changing: Again = {
  first: Duration.seconds(1),
  longest: Duration.seconds(2),
  jittered: false,
  until: { tries: 3 }
}
const metadata: Again = {
  first: Duration.millis(100),
  longest: Duration.seconds(5),
  jittered: true,
  // A metadata server that is late at boot has come by then; the budget is what a boot can wait for its declaration.
  until: { elapsed: Duration.minutes(5) }
}

/** Which operations are tried again. The others are not: a mount and an fsck fail for reasons that stay. */
const again = {
  METADATA: metadata,
  TOKEN: metadata,
  // The engine's socket may come after us.
  PING: { ...metadata, until: { elapsed: Duration.minutes(2) } },
  PULL: { first: Duration.seconds(1), longest: Duration.seconds(30), jittered: true, until: { tries: 5 } },
  CREATE: changing,
  START: changing,
  STOP: changing,
  REMOVE: changing,
  LIST: reading,
  INSPECT: reading,
  // Only where another has the device open, which is seen before anything is written.
  MKFS: { first: Duration.millis(500), longest: Duration.seconds(5), jittered: false, until: { tries: 6 } }
} as const satisfies Partial<Record<Operation, Again>>

/** Operations that are tried again. */
export type Repeated = keyof typeof again

/** The deadlines in force. */
export const Deadlines = Context.Reference<Readonly<Record<Operation, Duration.Duration>>>(
  "slipway/startup/Deadlines",
  {
    defaultValue: () => deadlineTable
  }
)

/** An operation that was given up on because it took longer than it may. */
export class OperationTimeout extends Schema.TaggedError<OperationTimeout>()("OperationTimeout", {
  operation: Schema.String,
  /** The setting's name in the table. */
  setting: Schema.String,
  limit: Schema.Duration
}) {
  get isRetryable() {
    return true
  }
  get advice() {
    return `It may take longer with SLIPWAY_${this.setting}_TIMEOUT, as in 10m.`
  }
  override get message() {
    return `${this.operation}: no end after ${Duration.format(this.limit)}`
  }
}

/**
 * Fails with `OperationTimeout` when the effect takes longer than its row of the table allows. `operation` names it
 * to the operator. `extra` is added to the limit (the grace period of a stop).
 */
export const withDeadline =
  (setting: Operation, operation: string, extra: Duration.Duration = Duration.zero) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | OperationTimeout, R> =>
    Effect.flatMap(Deadlines, (deadlines) => {
      const limit = Duration.sum(deadlines[setting], extra)
      return Effect.timeoutOrElse(effect, {
        duration: limit,
        orElse: () => Effect.fail(new OperationTimeout({ operation, setting, limit }))
      })
    })

/** The error itself says that the same call may succeed another time. */
export const isRetryable = (error: unknown): boolean =>
  Predicate.hasProperty(error, "isRetryable") && error.isRetryable === true

const scheduleOf = ({ first, longest, jittered, until }: Again) => {
  const spaced = Schedule.min([Schedule.exponential(first), Schedule.spaced(longest)])
  const paced = jittered ? Schedule.jittered(spaced) : spaced
  return "tries" in until ? Schedule.while(paced, ({ attempt }) => attempt < until.tries) : within(until.elapsed)(paced)
}

/**
 * Tries an operation again as its row says, for errors that say that it may help. Each time it is told what failed, how
 * often, and when the next try is. `isFinal` ends it for errors that are of no use to try again here.
 */
export const tryAgain =
  (setting: Repeated, operation: string, isFinal: (error: unknown) => boolean = () => false) =>
  <A, E extends { readonly message: string }, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.retry(effect, ($) =>
      $(scheduleOf(again[setting])).pipe(
        Schedule.while(({ input }) => isRetryable(input) && !isFinal(input)),
        Schedule.tap(({ input, attempt, duration }) =>
          tell({ _tag: "Retrying", operation, message: input.message, tries: attempt, next: duration })
        )
      )
    )

/** An operation that changes nothing: within its deadline, and tried again. */
export const attempt =
  (setting: Repeated, operation: string, isFinal?: (error: unknown) => boolean) =>
  <A, E extends { readonly message: string }, R>(
    effect: Effect.Effect<A, E, R>
  ): Effect.Effect<A, E | OperationTimeout, R> =>
    effect.pipe(withDeadline(setting, operation), tryAgain(setting, operation, isFinal))

/** Of an error that `isInDoubt`, it is looked whether the change was made all the same; only what was not is an error. */
export const unlessDone =
  <E2, R2>(isDone: Effect.Effect<boolean, E2, R2>, isInDoubt: (error: unknown) => boolean = isRetryable) =>
  <E, R>(change: Effect.Effect<unknown, E, R>): Effect.Effect<void, E | E2, R | R2> =>
    Effect.catchIf(Effect.asVoid(change), isInDoubt, (error) =>
      Effect.flatMap(isDone, (done) => (done ? Effect.void : Effect.fail(error)))
    )

/**
 * How long the answer to a change is waited for after the run was told to end; a stop has its grace on top. What the engine
 * has not come to by then, it hangs on.
 */
const answerLimit = Duration.seconds(20)

/** What does not take longer is not worth a word. */
const saidAfter = Duration.seconds(1)
const sayWaiting = (operation: string) =>
  tell({ _tag: "Waiting", text: `this run is to end, and first for the engine's answer: ${operation}` })

/**
 * The engine works on a change that was asked of it whether or not anybody listens. A run that is told to end meanwhile
 * waits for the answer, within `limit`, so that what it rolls back is what was done.
 */
const untilAnswered =
  (operation: string, limit: Duration.Duration) =>
  <A, E, R>(change: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(Effect.forkChild(change), (fiber) =>
        Effect.onInterrupt(restore(Fiber.join(fiber)), () =>
          Fiber.await(fiber).pipe(
            Effect.timeoutOrElse({ duration: saidAfter, orElse: () => sayWaiting(operation) }),
            Effect.andThen(Effect.timeoutOption(Fiber.await(fiber), limit)),
            Effect.andThen(Fiber.interrupt(fiber))
          )
        )
      )
    )

/**
 * An operation that changes the VM. When its answer was lost, whether for a timeout, a reset or a failure of the engine, it
 * is looked first whether it was done all the same; only what was not is tried again. An engine may come to a request
 * after it was looked: then it refuses the next try for what the first has done, which is looked after too.
 */
export const attemptChange =
  <E2 extends { readonly message: string }, R2>(
    setting: Repeated,
    operation: string,
    isDone: Effect.Effect<boolean, E2, R2>,
    extra: Duration.Duration = Duration.zero
  ) =>
  <E extends { readonly message: string }, R>(effect: Effect.Effect<unknown, E, R>) =>
    Effect.suspend(() => {
      let isInDoubt = false
      return effect.pipe(
        withDeadline(setting, operation, extra),
        untilAnswered(operation, Duration.sum(answerLimit, extra)),
        unlessDone(isDone, (error) => (isInDoubt ||= isRetryable(error))),
        tryAgain(setting, operation)
      )
    })
