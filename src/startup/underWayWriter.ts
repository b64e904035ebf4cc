import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import type { ProgressEvent } from "../progress/Progress.ts"
import { knownStatusOf } from "../record/readStatus.ts"
import { encodeStatus, type Status } from "../record/Status.ts"
import { statusUnderWay } from "../record/statusOf.ts"
import { type Activity, activityAfter, underWayOf, type UnderWay } from "../record/UnderWay.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { stopwatch } from "../timing/stopwatch.ts"
import { HostRandom } from "../vm/host/HostRandom.ts"
import { Processes } from "../vm/host/Processes.ts"
import { StatusFile } from "../vm/host/StatusFile.ts"

/** A run that has ended sooner is not seen under way: its start is not to wait for a file that nobody can read in time. */
const untilUnderWay = Duration.seconds(1)

/** How long a change of what a run does may wait to be written: several in a row are one. */
const untilWritten = Duration.millis(500)

/**
 * Writes into the status what a run does, if it takes longer than a second, and whenever that changes, until the scope
 * ends. While two runs are under way, the one that holds the lock writes. A status that cannot be written does not fail
 * the run, which reports it at its end.
 */
export const makeUnderWayWriter = Effect.fnUntraced(function* (begun: Activity) {
  const file = yield* StatusFile
  const { seed: boot } = yield* HostRandom
  const processes = yield* Processes
  const sinceBegan = yield* stopwatch
  // Asked for by a run that takes longer than a second, or that meets another.
  const ownProcess = yield* Effect.cached(Effect.map(processes.self, Option.getOrNull))
  const changed = yield* Queue.sliding<void>(1)
  let activity = begun
  let hasLock = false
  /** Since when this run goes on, by the file, whose times are whole milliseconds. */
  let written: string | undefined

  const isOwn = ({ since }: UnderWay): boolean => DateTime.formatIso(since) === written

  /** Another run that goes on, as far as is known. */
  const othersUnderWay = Effect.fnUntraced(function* (status: Option.Option<Status>) {
    const other = Option.getOrUndefined(status)?.underWay
    if (other?.process == null) return null
    return Option.contains(yield* processes.isAlive(other.process), true) ? other : null
  })

  const write = Effect.gen(function* () {
    const before = yield* knownStatusOf(boot)
    const other = hasLock ? null : yield* othersUnderWay(before)
    if (other !== null && !isOwn(other)) return
    const now = yield* DateTime.now
    const underWay = underWayOf(activity, DateTime.subtractDuration(now, yield* sinceBegan), yield* ownProcess)
    written = DateTime.formatIso(underWay.since)
    yield* file.write(encodeStatus(statusUnderWay(boot, Option.getOrUndefined(before), underWay, now)))
  }).pipe(
    file.oneAtATime,
    withDeadline("FILE", "write the status"),
    Effect.ignore,
    Effect.provideService(StatusFile, file)
  )

  const writing = yield* Effect.gen(function* () {
    yield* Effect.sleep(untilUnderWay)
    for (;;) {
      yield* Queue.clear(changed)
      yield* write
      yield* Queue.take(changed)
      yield* Effect.sleep(untilWritten)
    }
  }).pipe(Effect.forkScoped)

  return {
    listen: Effect.fnUntraced(function* (event: ProgressEvent) {
      const before = activity
      activity = activityAfter(activity, event, yield* DateTime.now)
      if (activity !== before) yield* Queue.offer(changed, undefined)
    }),
    /** From here on this run is the one that acts. */
    locked: Effect.sync(() => void (hasLock = true)),
    /** Nothing is written any more. */
    end: Fiber.interrupt(writing),
    isOwn,
    /** What the status of a run that has ended says of others: what one in another process does. */
    others: (status: Option.Option<Status>) =>
      Effect.gen(function* () {
        const other = hasLock ? null : yield* othersUnderWay(status)
        return other === null || other.process === (yield* ownProcess) ? null : other
      })
  }
})
