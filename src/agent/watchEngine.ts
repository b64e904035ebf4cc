import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { tell } from "../progress/Progress.ts"
import { stopwatch } from "../timing/stopwatch.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { isEngineAway } from "../vm/engine/DockerError.ts"
import type { ContainerHappening } from "../vm/engine/Inspection.ts"
import { longestPause, pauseAfter } from "./connecting.ts"

/** An engine that is up answers within milliseconds. A look that has begun meanwhile may have missed something. */
export const answersWithin = Duration.millis(250)

/** An engine that is away costs nothing to be asked, being on this machine, and what it has stopped waits for us. */
const longestAway = Duration.seconds(10)

/** An engine that restarts is away for seconds, and nobody need act on it. */
const restartTakes = Duration.seconds(10)

/** What the watch of an engine tells. */
export interface EngineListener {
  readonly happened: (happening: ContainerHappening) => Effect.Effect<void>
  /** Nothing is told until it returns. */
  readonly gone: Effect.Effect<void>
  /** It has been away since then, for longer than a restart takes. */
  readonly away: (since: DateTime.Utc) => Effect.Effect<void>
  /** It answers again, after `away`. */
  readonly back: Effect.Effect<void>
  /** It tells again; what happened meanwhile is not known. */
  readonly returned: Effect.Effect<void>
}

/**
 * Listens to the engine, and never ends. Where the connection breaks, or cannot be made, it is made again after 1 s,
 * doubled to 1 min, or to 10 s as long as the engine is away. The first answer or failure completes `begun`.
 */
export const watchEngine = Effect.fnUntraced(function* (
  { happened, gone, away, back, returned }: EngineListener,
  begun: Deferred.Deferred<void>
) {
  const docker = yield* DockerClient
  let failures = 0
  let mayHaveMissed = false
  /** Since when it is away. */
  let absence: { readonly since: DateTime.Utc; readonly lasts: Effect.Effect<Duration.Duration> } | undefined
  let isAwayTold = false
  for (;;) {
    const took = yield* stopwatch
    const begins = Effect.gen(function* () {
      const isLate = mayHaveMissed || Duration.isGreaterThan(yield* took, answersWithin)
      mayHaveMissed = true
      absence = undefined
      yield* Deferred.succeed(begun, undefined)
      if (isAwayTold) yield* back
      isAwayTold = false
      if (isLate) yield* returned
    })
    const ended = yield* docker.events.pipe(
      Stream.runForEach((event) => (event._tag === "Listening" ? begins : happened(event))),
      Effect.result
    )
    yield* Deferred.succeed(begun, undefined)
    mayHaveMissed = true
    yield* gone
    // One that has lasted longer than any pause is no further failure in a row.
    failures = Duration.isGreaterThan(yield* took, longestPause) ? 1 : failures + 1
    if (Result.isFailure(ended) && isEngineAway(ended.failure)) {
      if (absence === undefined) {
        absence = { since: yield* DateTime.now, lasts: yield* stopwatch }
        const text = `the engine is away, and what runs is not known until it is back: ${ended.failure.message}`
        yield* tell({ _tag: "Warning", text })
      } else if (!isAwayTold && Duration.isGreaterThan(yield* absence.lasts, restartTakes)) {
        isAwayTold = true
        yield* away(absence.since)
      }
      yield* pauseAfter(failures, longestAway)
    } else {
      absence = undefined
      if (failures === 1) {
        const why = Result.isFailure(ended) ? ended.failure.message : "it has closed the connection"
        yield* tell({ _tag: "Warning", text: `the engine cannot be watched for now: ${why}` })
      }
      yield* pauseAfter(failures)
    }
  }
})
