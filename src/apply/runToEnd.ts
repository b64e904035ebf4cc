import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { tell } from "../progress/Progress.ts"
import { backOff } from "../timing/backOff.ts"
import { Deadlines, OperationTimeout } from "../timing/Deadlines.ts"
import { attemptChange } from "../timing/LostAnswer.ts"
import { stopwatch } from "../timing/stopwatch.ts"
import { attempt } from "../timing/Retries.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { RestartPolicy } from "../workload/Workload.ts"
import { type ContainerFailed, containerFailure, jobFailure, startedContainer, startFailed } from "./confirm.ts"
import type { KnownContainer } from "./Created.ts"

/** How long an init container runs before a line says so; the next line comes after twice as long, and so on. */
const firstWord = Duration.minutes(1)

/**
 * Starts an init container and waits for exit code 0. A failure is retried after the back-off, all tries within one
 * deadline, none of them beginning later than `retriedFor`; under `Never` the first failure is final. The error has its
 * last log lines.
 */
export const runToEnd = Effect.fn("runToEnd")(function* (
  container: KnownContainer,
  policy: RestartPolicy,
  retriedFor: Duration.Duration | undefined
) {
  const { name } = container
  const { INIT: limit } = yield* Deadlines
  const passed = yield* stopwatch
  let last: ContainerFailed | undefined
  const tries = Effect.gen(function* () {
    for (let failures = 1; ; failures++) {
      const exitCode = yield* runOnce(container)
      if (exitCode === 0) return
      const failure = yield* failureOf(container, exitCode, failures)
      if (policy === "Never") return yield* jobFailure(failure, exitCode)
      last = failure
      const next = backOff(failures)
      const isLate = retriedFor !== undefined && Duration.isGreaterThan(Duration.sum(yield* passed, next), retriedFor)
      if (isLate) return yield* failure
      yield* tell({ _tag: "Retrying", operation: `run ${name}`, message: failure.message, tries: failures, next })
      yield* Effect.sleep(next)
    }
  })
  const operation = `run the init container ${name} to its end`
  const waiting = Effect.gen(function* () {
    for (let wait = firstWord; ; wait = Duration.times(wait, 2)) {
      yield* Effect.sleep(wait)
      const soFar = Duration.seconds(Math.round(Duration.toSeconds(yield* passed)))
      const text = `the init container ${name} has not ended after ${Duration.format(soFar)}; given up after ${Duration.format(limit)}`
      yield* tell({ _tag: "Waiting", text })
    }
  })
  yield* Effect.timeoutOrElse(Effect.raceFirst(tries, waiting), {
    duration: limit,
    orElse: () => Effect.suspend(() => Effect.fail(last ?? new OperationTimeout({ operation, setting: "INIT", limit })))
  })
})

/** Gives its exit code. */
const runOnce = Effect.fnUntraced(function* (container: KnownContainer) {
  const { id, name } = container
  const docker = yield* DockerClient
  const before = (yield* startedContainer(container)).startedAt
  const hasStarted = docker
    .inspectContainer(id)
    .pipe(
      attempt("INSPECT", `inspect container ${name}`),
      Effect.map(Option.exists(({ startedAt }) => Option.getOrUndefined(startedAt) !== Option.getOrUndefined(before)))
    )
  yield* docker.startContainer(id).pipe(
    Effect.catchTag("DockerError", (error) => startFailed(container, error)),
    attemptChange(
      "START",
      `start container ${name}`,
      Effect.orElseSucceed(hasStarted, () => false)
    )
  )
  // The connection may break, and the engine restart, while the container runs on.
  yield* docker.awaitEnd(id).pipe(
    Effect.catchReason("DockerError", "NotFound", () => Effect.void),
    Effect.retry(Schedule.spaced("1 second"))
  )
  return (yield* startedContainer(container)).exitCode
})

const failureOf = (container: KnownContainer, exitCode: number, failures: number) =>
  containerFailure(container, {
    detail: `is an init container, and failed ${failures === 1 ? "once" : `${failures} times`}`,
    exitCode: Option.some(exitCode)
  })
