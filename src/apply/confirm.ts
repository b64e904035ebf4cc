import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { type EngineRestartPolicy, isEndAsDeclared } from "../vm/engine/ContainerSpec.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { ContainerEvent, ContainerInspection } from "../vm/engine/Inspection.ts"
import { type DockerError, StartReason } from "../vm/engine/DockerError.ts"
import { startReasonIn } from "../vm/engine/EngineFailure.ts"
import { finalExitCodes } from "../text/finalExitCodes.ts"
import { attempt } from "../timing/Retries.ts"

/** How many of a container's last log lines a failure shows. */
const logLineCount = 20

/** A container that could not be started, or did not come up, or ended against its restart policy. */
export class ContainerFailed extends Schema.TaggedError<ContainerFailed>()("ContainerFailed", {
  container: Schema.String,
  /** What happened, in the engine's words if it had any. */
  detail: Schema.String,
  exitCode: Schema.Option(Schema.Int),
  /** Why it cannot be started, if the engine or its log says so. */
  reason: Schema.optional(StartReason),
  /** Its own, oldest first. */
  lastLogLines: Schema.Array(Schema.String)
}) {
  override get message() {
    const code = Option.match(this.exitCode, { onNone: () => "", onSome: (code) => `, exit code ${code}` })
    return `the container ${this.container} ${this.detail}${code}`
  }
  get advice(): string {
    return this.reason?.advice ?? "Correct the declaration or the image."
  }
}

/**
 * A job (restart policy `Never`) that ended with an exit code other than 0. It runs once a boot and is not retried,
 * unless its declaration or image changes.
 */
export class JobFailed extends Schema.TaggedError<JobFailed>()("JobFailed", {
  container: Schema.String,
  exitCode: Schema.Int,
  /** Its own, oldest first. */
  lastLogLines: Schema.Array(Schema.String)
}) {
  get advice() {
    return "Correct the declaration or the image."
  }
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.jobFailed
  }
  override get message() {
    return `the job ${this.container} failed with exit code ${this.exitCode}`
  }
}

interface Failure {
  readonly detail: string
  readonly exitCode: Option.Option<number>
  /** It is a job, which is to end, but not like this. */
  readonly isJob?: boolean
  readonly reason?: StartReason
}

/**
 * Waits until a container is known to be up, still up, or failed. A failure is known at once; success once the window
 * has passed, the image's health check has answered, or the container has ended as its policy allows. `restartsBefore`
 * is how often the engine had restarted a container that was there before; undefined for a new one.
 */
export const confirm = Effect.fn("confirm")(function* (
  name: string,
  policy: EngineRestartPolicy,
  window: Duration.Duration,
  restartsBefore: number | undefined
) {
  const docker = yield* DockerClient
  const inspect = docker.inspectContainer(name).pipe(attempt("INSPECT", `inspect container ${name}`))
  const started = yield* inspect
  if (Option.isNone(started)) return yield* failed(name, vanished)
  const now = judgeState(started.value, policy, restartsBefore)
  if (Option.isSome(now)) return yield* failed(name, now.value)
  if (started.value.status === "exited") return
  // By its id: the engine also knows the events of earlier containers of this name. Those of an old container include
  // ends from which it has recovered.
  const events = restartsBefore === undefined ? docker.containerEvents(started.value.id) : Stream.empty
  const failing = events.pipe(
    Stream.map((event) => judgeEvent(event, policy)),
    Stream.runHead,
    Effect.flatMap(Option.match({ onNone: () => Effect.never, onSome: Effect.succeed })),
    // Events only make this faster. Without them, wait for the window to pass, then inspect.
    Effect.catch((error) => Effect.andThen(Effect.logDebug(`no events: ${error.message}`), Effect.never))
  )
  const seen = Effect.sleep(window).pipe(
    Effect.andThen(inspect),
    Effect.map(
      Option.match({
        onNone: () => Option.some(vanished),
        onSome: (found) => judgeState(found, policy, restartsBefore)
      })
    )
  )
  const failure = yield* Effect.raceFirst(failing, seen)
  if (Option.isSome(failure)) return yield* failed(name, failure.value)
})

/** Turns the engine's refusal to start a container into what the operator needs to know about it. */
export const startFailed = Effect.fnUntraced(function* (name: string, error: DockerError) {
  const docker = yield* DockerClient
  const found = yield* docker.inspectContainer(name).pipe(attempt("INSPECT", `inspect container ${name}`))
  const { reason } = error
  const exitCode = Option.filter(
    Option.map(found, ({ exitCode }) => exitCode),
    (code) => code !== 0
  )
  const failure = { detail: `could not be started: ${error.explanation}`, exitCode }
  if (isStartReason(reason)) return yield* failed(name, { ...failure, reason })
  // Without an exit code the command never ran: the engine's error says all there is.
  return yield* Option.isNone(exitCode) ? error : failed(name, failure)
})

const isStartReason = Schema.is(StartReason)

const failed = Effect.fnUntraced(function* (container: string, failure: Failure) {
  const found = yield* containerFailure(container, failure)
  if (failure.isJob !== true || Option.isNone(failure.exitCode)) return yield* found
  return yield* new JobFailed({ container, exitCode: failure.exitCode.value, lastLogLines: found.lastLogLines })
})

/** A container's failure, with its last log lines. */
export const containerFailure = Effect.fnUntraced(function* (container: string, failure: Failure) {
  const docker = yield* DockerClient
  const lastLogLines = yield* docker.lastLogLines(container, logLineCount).pipe(
    attempt("INSPECT", `read the log of ${container}`),
    Effect.catch((error) => Effect.succeed([`(its log could not be read: ${error.message})`]))
  )
  const { detail, exitCode } = failure
  const reason = failure.reason ?? startReasonIn(container, lastLogLines)
  return new ContainerFailed({ container, detail, exitCode, reason, lastLogLines })
})

const vanished: Failure = { detail: "was removed while it was starting", exitCode: Option.none() }

const ended = (exitCode: number, policy: EngineRestartPolicy): Option.Option<Failure> =>
  isEndAsDeclared(policy, exitCode)
    ? Option.none()
    : Option.some({
        detail: `ended right after its start, against its restart policy "${policy.name}"`,
        exitCode: Option.some(exitCode),
        isJob: policy.name === "no"
      })

const unhealthy: Failure = { detail: "is unhealthy by its image's health check", exitCode: Option.none() }

const judgeEvent = (event: ContainerEvent, policy: EngineRestartPolicy): Option.Option<Failure> => {
  if (event._tag === "Died") return ended(event.exitCode, policy)
  return event.health === "healthy" ? Option.none() : Option.some(unhealthy)
}

const judgeState = (
  { status, restartCount, exitCode, health }: ContainerInspection,
  policy: EngineRestartPolicy,
  restartsBefore: number | undefined
): Option.Option<Failure> => {
  if (status === "running" && Option.contains(health, "unhealthy")) return Option.some(unhealthy)
  if (status === "running" && restartCount <= (restartsBefore ?? 0)) return Option.none()
  if (status === "exited" || restartsBefore === undefined) return ended(exitCode, policy)
  const times = `the engine has restarted it ${restartCount} ${restartCount === 1 ? "time" : "times"}`
  return Option.some({
    detail: `ends again and again: ${times}`,
    exitCode: status === "running" ? Option.none() : Option.some(exitCode)
  })
}
