import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import * as Scheduler from "effect/Scheduler"
import { Sleepers } from "./Sleepers.ts"

/** The wall clock's time when virtual time begins, unless set otherwise: some fixed instant. */
export const defaultStart = Date.UTC(2026, 0, 1)

/**
 * Runs an effect in virtual time: whenever all its fibers wait, the clock jumps to the first wake-up. An hour takes no
 * longer than its work, and the same effect runs the same way each time. Nothing in it may wait for the real world.
 */
export const runInVirtualTime = <A, E, R>(
  effect: Effect.Effect<A, E, R>,
  options: { readonly startMillis?: number } = {}
): Effect.Effect<A, E, R> =>
  Effect.contextWith((context: Context.Context<R>) =>
    Effect.suspend(() => {
      const run = new VirtualRun(effect, context, options.startMillis ?? defaultStart)
      for (;;) {
        const exit = run.proceed()
        if (exit !== undefined) return exit
        run.takeTurn()
      }
    })
  )

/**
 * Runs effects that meet only where they `awaitTurn`, each in a virtual time of its own that begins with that of the
 * others. Each goes on alone until it has to wait for its turn, which comes in the order of time, so that they meet as
 * if all had run in one time. What they leave behind in between is short-lived, as it is where one runs alone. Fails
 * with the first failure, and goes on with none then.
 */
export const runSideBySide = <E, R>(effects: Iterable<Effect.Effect<unknown, E, R>>): Effect.Effect<void, E, R> =>
  Effect.contextWith((context: Context.Context<R>) =>
    Effect.suspend(() => {
      const waiting = new Sleepers()
      const failures: Array<Exit.Exit<never, E>> = []
      const proceed = (run: VirtualRun<unknown, E, R>): void => {
        const exit = run.proceed()
        if (exit === undefined) {
          waiting.add(run.now, () => {
            run.takeTurn()
            proceed(run)
          })
        } else if (Exit.isFailure(exit)) failures.push(Exit.failCause(exit.cause))
      }
      for (const effect of effects) {
        proceed(new VirtualRun(effect, context, defaultStart))
        if (failures.length > 0) break
      }
      while (failures.length === 0) {
        const first = waiting.takeFirst()
        if (first === undefined) return Effect.void
        first.wake?.()
      }
      return failures[0]!
    })
  )

const Turn = Context.Reference<Effect.Effect<void>>("slipway/simulation/Turn", { defaultValue: () => Effect.void })

/**
 * What is shared by effects that run side by side is to be touched only after this: none of them is behind in time
 * then.
 */
export const awaitTurn: Effect.Effect<void> = Effect.flatMap(Turn, (turn) => turn)

/** An effect on its way through a virtual time of its own. */
class VirtualRun<A, E, R> {
  private readonly clock: VirtualClock
  private readonly tasks: Array<() => void> = []
  /** Its fibers that wait for their turn. */
  private readonly waiting: Array<() => void> = []
  private readonly fiber: Fiber.Fiber<A, E>

  constructor(effect: Effect.Effect<A, E, R>, context: Context.Context<R>, startMillis: number) {
    this.clock = new VirtualClock(startMillis)
    const scheduler = new Scheduler.MixedScheduler("sync", (task) => {
      this.tasks.push(task)
      return () => without(this.tasks, task)
    })
    const turn = Effect.callback<void>((resume) => {
      const take = () => resume(Effect.void)
      this.waiting.push(take)
      return Effect.sync(() => without(this.waiting, take))
    })
    const timed = effect.pipe(Effect.provideService(Clock.Clock, this.clock), Effect.provideService(Turn, turn))
    this.fiber = Effect.runForkWith(context)(timed, { scheduler })
  }

  /** Milliseconds since its beginning. */
  get now(): number {
    return this.clock.now
  }

  /** Goes on until it has ended, or waits for its turn: undefined. */
  proceed(): Exit.Exit<A, E> | undefined {
    for (;;) {
      const exit = this.fiber.pollUnsafe()
      if (exit !== undefined) return exit
      const task = this.tasks.shift()
      if (task !== undefined) task()
      else if (this.waiting.length > 0) return undefined
      else if (!this.clock.advance())
        return Exit.die(new Error("virtual time: every fiber waits, and nothing is to come"))
    }
  }

  takeTurn(): void {
    this.waiting.shift()?.()
  }
}

const without = <A>(all: Array<A>, one: A): void => {
  const index = all.indexOf(one)
  if (index !== -1) all.splice(index, 1)
}

/**
 * A clock that moves only when told to. Sleepers wake by time, then in the order in which they came. The monotonic
 * clock begins at zero, as a machine's does, so that confusing it with the wall clock shows.
 */
class VirtualClock implements Clock.Clock {
  private readonly start: number
  /** Milliseconds since the beginning. */
  now = 0
  private readonly sleepers = new Sleepers()
  readonly currentTimeMillis = Effect.sync(() => this.currentTimeMillisUnsafe())
  readonly currentTimeNanos = Effect.sync(() => this.currentTimeNanosUnsafe())
  readonly monotonicTimeNanos = Effect.sync(() => this.monotonicTimeNanosUnsafe())

  constructor(start: number) {
    this.start = start
  }
  currentTimeMillisUnsafe() {
    return Math.floor(this.start + this.now)
  }
  currentTimeNanosUnsafe() {
    return BigInt(Math.round(this.start)) * 1_000_000n + this.monotonicTimeNanosUnsafe()
  }
  monotonicTimeNanosUnsafe() {
    return BigInt(Math.round(this.now * 1_000_000))
  }
  sleep(duration: Duration.Duration) {
    return Effect.callback<void>((resume) => {
      const at = this.now + Duration.toMillis(duration)
      if (at === Number.POSITIVE_INFINITY) return
      const sleeper = this.sleepers.add(at, () => resume(Effect.void))
      return Effect.sync(() => this.sleepers.giveUp(sleeper))
    })
  }
  /** Jumps to the first sleeper and wakes it; false if there is none. */
  advance(): boolean {
    for (;;) {
      const sleeper = this.sleepers.takeFirst()
      if (sleeper === undefined) return false
      // A sleeper that gave up does not move the time.
      if (sleeper.wake === undefined) continue
      this.now = Math.max(this.now, sleeper.at)
      sleeper.wake()
      return true
    }
  }
}
