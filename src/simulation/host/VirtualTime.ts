import * as Clock from "effect/Clock"
import type * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Scheduler from "effect/Scheduler"

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
      const clock = new VirtualClock(options.startMillis ?? defaultStart)
      const tasks: Array<() => void> = []
      const scheduler = new Scheduler.MixedScheduler("sync", (task) => {
        tasks.push(task)
        return () => {
          const index = tasks.indexOf(task)
          if (index !== -1) tasks.splice(index, 1)
        }
      })
      const timed = Effect.provideService(effect, Clock.Clock, clock)
      const fiber = Effect.runForkWith(context)(timed, { scheduler })
      for (;;) {
        const exit = fiber.pollUnsafe()
        if (exit !== undefined) return exit
        const task = tasks.shift()
        if (task !== undefined) task()
        else if (!clock.advance())
          return Effect.die(new Error("virtual time: every fiber waits, and nothing is to come"))
      }
    })
  )

/**
 * A clock that moves only when told to. Sleepers wake by time, then in the order in which they came. The monotonic
 * clock begins at zero, as a machine's does, so that confusing it with the wall clock shows.
 */
class VirtualClock implements Clock.Clock {
  private readonly start: number
  /** Milliseconds since the beginning. */
  private now = 0
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
      return Effect.sync(() => {
        sleeper.wake = undefined
      })
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

interface Sleeper {
  readonly at: number
  /** Breaks ties: first come, first woken. */
  readonly order: number
  /** Undefined once it has given up. */
  wake: (() => void) | undefined
}

/** A binary heap: thousands of VMs sleep at once. */
class Sleepers {
  private readonly heap: Array<Sleeper> = []
  private count = 0

  add(at: number, wake: () => void): Sleeper {
    const sleeper: Sleeper = { at, order: this.count++, wake }
    let index = this.heap.length
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = this.heap[parent]!
      if (isBefore(above, sleeper)) break
      this.heap[index] = above
      index = parent
    }
    this.heap[index] = sleeper
    return sleeper
  }

  takeFirst(): Sleeper | undefined {
    const first = this.heap[0]
    const last = this.heap.pop()
    if (first === undefined || last === undefined || this.heap.length === 0) return first
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      const right = left + 1
      if (left >= this.heap.length) break
      const child = right < this.heap.length && isBefore(this.heap[right]!, this.heap[left]!) ? right : left
      if (isBefore(last, this.heap[child]!)) break
      this.heap[index] = this.heap[child]!
      index = child
    }
    this.heap[index] = last
    return first
  }
}

const isBefore = (one: Sleeper, other: Sleeper): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order)
