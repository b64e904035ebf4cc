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

/** What the watch of an engine tells. */
export interface EngineListener {
  readonly happened: (happening: ContainerHappening) => Effect.Effect<void>
  /** Nothing is told until it returns. */
  readonly gone: Effect.Effect<void>
  /** It tells again; what happened meanwhile is not known. */
  readonly returned: Effect.Effect<void>
}

/**
 * Listens to the engine, and never ends. Where the connection breaks, or cannot be made, it is made again after 1 s,
 * doubled to 1 min, or to 10 s as long as the engine is away. The first answer or failure completes `begun`.
 */
export const watchEngine = Effect.fnUntraced(function* (
  { happened, gone, returned }: EngineListener,
  begun: Deferred.Deferred<void>
) {
  const docker = yield* DockerClient
  let failures = 0
  let mayHaveMissed = false
  let isAway = false
  for (;;) {
    const took = yield* stopwatch
    const begins = Effect.gen(function* () {
      const isLate = mayHaveMissed || Duration.isGreaterThan(yield* took, answersWithin)
      mayHaveMissed = true
      isAway = false
      yield* Deferred.succeed(begun, undefined)
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
    const wasAway = isAway
    isAway = Result.isFailure(ended) && isEngineAway(ended.failure)
    if (isAway && !wasAway && Result.isFailure(ended)) {
      const text = `the engine is away, and what runs is not known until it is back: ${ended.failure.message}`
      yield* tell({ _tag: "Warning", text })
    } else if (failures === 1) {
      const why = Result.isFailure(ended) ? ended.failure.message : "it has closed the connection"
      yield* tell({ _tag: "Warning", text: `the engine cannot be watched for now: ${why}` })
    }
    yield* pauseAfter(failures, isAway ? longestAway : longestPause)
  }
})
