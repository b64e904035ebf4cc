import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { tell } from "../progress/Progress.ts"
import { isAnythingUp, sentenceOf } from "../record/sentenceOf.ts"
import type { Status } from "../record/Status.ts"
import { currentStatus } from "../record/statusChanges.ts"
import type { Settings } from "../startup/Settings.ts"
import { Deadlines } from "../timing/Deadlines.ts"
import { stopwatch } from "../timing/stopwatch.ts"
import { Notify } from "../vm/systemd/Notify.ts"
import type { Looked, LookError } from "./Looked.ts"
import type { Occasion } from "./Occasion.ts"

/** How the agent tells the service manager how it is. */
export interface Notices {
  /** A look begins. */
  readonly looking: (occasion: Occasion) => Effect.Effect<void>
  /** Something came of it that is a step forward. */
  readonly moved: Effect.Effect<void>
  /** It has come to its end. */
  readonly looked: (looked: Looked) => Effect.Effect<void>
  /** What the status says has changed since then. */
  readonly statusChanged: Effect.Effect<void>
  /** The agent looks at nothing any more; why, where it stays nevertheless. */
  readonly ended: (why: string) => Effect.Effect<void>
}

/** By how much the loop may be late. */
const margin = Duration.minutes(10)

/**
 * It is ready once a look has ended well, or a container of ours runs all the same; a reload is over when its look is.
 *
 * The watchdog is fed while the loop moves: as long as the next look is not overdue, and while a look goes on, as long as
 * it has told something within the longest of its deadlines. Each wait of a look has one, so that one which tells nothing
 * for longer hangs. A loop that is stuck in itself feeds nothing.
 */
export const makeNotices = Effect.fnUntraced(function* ({ confirm }: Settings) {
  const notify = yield* Notify
  if (!notify.isHeard) return unheard
  const deadlines = yield* Deadlines
  const longestWait = Duration.sum(Duration.max(confirm, longest(Object.values(deadlines))), margin)
  const services = yield* Effect.context<Effect.Services<typeof currentStatus>>()
  let isReady = false
  let isReloading = false
  let moved = { since: yield* stopwatch, limit: longestWait }
  /** What is said after the status: what becomes of it. */
  let wait = ""
  const tellStatus = Effect.fnUntraced(function* (status: Status | undefined, failure?: LookError) {
    const line = status === undefined ? (failure?.message ?? "as declared") : sentenceOf(status)
    yield* notify.status(`${line}${wait}`)
  })
  const move = (limit: Duration.Duration) =>
    Effect.map(stopwatch, (since) => {
      moved = { since, limit }
    })

  if (Option.isSome(notify.watchdog)) {
    // Twice as often as it has to be. Source: sd_watchdog_enabled(3).
    const interval = Duration.times(notify.watchdog.value, 0.5)
    yield* Effect.gen(function* () {
      let isStuck = false
      for (;;) {
        const wasStuck = isStuck
        isStuck = Duration.isGreaterThan(yield* moved.since, moved.limit)
        if (!isStuck) yield* notify.change("WATCHDOG=1")
        else if (!wasStuck) {
          const text = `the agent has not moved for ${Duration.format(moved.limit)}: systemd is left to start it again`
          yield* tell({ _tag: "Warning", text })
        }
        yield* Effect.sleep(interval)
      }
    }).pipe(Effect.forkScoped)
  }

  const notices: Notices = {
    looking: Effect.fnUntraced(function* (occasion) {
      yield* move(longestWait)
      if (occasion._tag !== "Asked" || !isReady) return
      isReloading = true
      yield* notify.change("RELOADING=1")
    }),
    moved: Effect.suspend(() => move(moved.limit)),
    looked: Effect.fnUntraced(function* ({ result, next }) {
      yield* move(next === "when something changes" ? Duration.infinity : Duration.sum(next.after, margin))
      const status = Option.getOrUndefined(yield* Effect.provideContext(currentStatus, services))
      const failure = Result.isFailure(result) ? result.failure : undefined
      const isUp = failure === undefined || (status !== undefined && isAnythingUp(status))
      if (isReloading || (isUp && !isReady)) yield* notify.change("READY=1")
      isReady ||= isUp
      isReloading = false
      wait = next === "when something changes" ? "; this is not tried again until the declaration changes" : ""
      yield* tellStatus(status, failure)
    }),
    statusChanged: Effect.gen(function* () {
      const status = yield* Effect.provideContext(currentStatus, services)
      if (Option.isSome(status)) yield* tellStatus(status.value)
    }),
    ended: Effect.fnUntraced(function* (why) {
      yield* move(Duration.infinity)
      yield* notify.status(why)
    })
  }
  return notices
})

const unheard: Notices = {
  looking: () => Effect.void,
  moved: Effect.void,
  looked: () => Effect.void,
  statusChanged: Effect.void,
  ended: () => Effect.void
}

const longest = (durations: ReadonlyArray<Duration.Duration>): Duration.Duration =>
  durations.reduce((one, other) => Duration.max(one, other))
