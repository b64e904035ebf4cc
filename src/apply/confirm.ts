import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { EngineRestartPolicy } from "../vm/engine/ContainerSpec.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { type DockerError, StartReason } from "../vm/engine/DockerError.ts"
import { startReasonIn } from "../vm/engine/EngineFailure.ts"
import type { KnownContainer } from "./Created.ts"
import { type Failure, judgedEvents, judgeState, vanished } from "./judgeContainer.ts"
import { finalExitCodes } from "../text/finalExitCodes.ts"
import { attempt } from "../timing/Retries.ts"
import { hasRunOutOfMemory, OutOfMemory, outOfMemory, outOfMemoryAdvice, outOfMemoryText } from "./OutOfMemory.ts"
import { terminationMessageOf } from "./terminationMessage.ts"

/** How many of a container's last log lines a failure shows. */
const logLineCount = 20

/** A container that could not be started, or did not come up, or ended against its restart policy. */
export class ContainerFailed extends Schema.TaggedError<ContainerFailed>()("ContainerFailed", {
  container: Schema.String,
  /** What happened, in the engine's words if it had any. */
  detail: Schema.String,
  exitCode: Schema.Option(Schema.Int),
  /** Somebody has removed it. */
  isRemoved: Schema.optionalKey(Schema.Boolean),
  /** Why it cannot be started, if the engine or its log says so. */
  reason: Schema.optional(StartReason),
  /** The kernel has killed it, or a process of it, for want of memory. */
  outOfMemory: Schema.optional(OutOfMemory),
  /** What it left in its `terminationMessagePath`, if it has one. */
  terminationMessage: Schema.optional(Schema.String),
  /** What its postStart hook wrote at last, if that has failed and wrote more than one line. */
  hookLines: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Its own, oldest first. */
  lastLogLines: Schema.Array(Schema.String)
}) {
  override get message() {
    const code = Option.match(this.exitCode, { onNone: () => "", onSome: (code) => `, exit code ${code}` })
    return `the container ${this.container} ${this.detail}${code}${because(this.outOfMemory)}`
  }
  get advice(): string {
    if (this.isRemoved === true) return "Somebody has removed it, not Slipway: the next run tries again."
    return this.reason?.advice ?? adviceFor(this.outOfMemory)
  }
}

/**
 * A job (restart policy `Never`) that ended with an exit code other than 0. It runs once a boot and is not retried,
 * unless its declaration or image changes.
 */
export class JobFailed extends Schema.TaggedError<JobFailed>()("JobFailed", {
  container: Schema.String,
  exitCode: Schema.Int,
  /** The kernel has killed it, or a process of it, for want of memory. */
  outOfMemory: Schema.optional(OutOfMemory),
  /** What it left in its `terminationMessagePath`, if it has one. */
  terminationMessage: Schema.optional(Schema.String),
  /** Its own, oldest first. */
  lastLogLines: Schema.Array(Schema.String)
}) {
  get advice() {
    if (this.outOfMemory !== undefined) return outOfMemoryAdvice(this.outOfMemory)
    const again = "`slipway up --retry` runs it again in this boot."
    return isOfSignal(this.exitCode)
      ? `It was ended by a signal, as by an engine that was restarted, or by hand: ${again}`
      : `Correct the declaration or the image. Where that was not the reason, ${again}`
  }
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.jobFailed
  }
  override get message() {
    return `the job ${this.container} failed with exit code ${this.exitCode}${because(this.outOfMemory)}`
  }
}

/** As shells tell SIGKILL and SIGTERM. */
const isOfSignal = (exitCode: number): boolean => exitCode === 137 || exitCode === 143

const because = (memory: OutOfMemory | undefined): string =>
  memory === undefined ? "" : `: ${outOfMemoryText(memory)}`

const adviceFor = (memory: OutOfMemory | undefined): string =>
  memory === undefined ? "Correct the declaration or the image." : outOfMemoryAdvice(memory)

/**
 * Waits until a container is known to be up, still up, or failed. A failure is known at once; success once the window
 * has passed, the image's health check has answered, or the container has ended as its policy allows. `restartsBefore`
 * is how often the engine had restarted a container that was there before; undefined for a new one.
 */
export const confirm = Effect.fn("confirm")(function* (
  container: KnownContainer,
  policy: EngineRestartPolicy,
  window: Duration.Duration,
  restartsBefore: number | undefined
) {
  const { id, name } = container
  const docker = yield* DockerClient
  const started = yield* startedContainer(container)
  const inspect = docker.inspectContainer(id).pipe(attempt("INSPECT", `inspect container ${name}`))
  const now = judgeState(started, policy, restartsBefore)
  if (Option.isSome(now)) return yield* failed(container, now.value)
  if (started.status === "exited") return
  const told = judgedEvents(id, policy, restartsBefore).pipe(
    Stream.runHead,
    Effect.flatMap(Option.match({ onNone: () => Effect.never, onSome: Effect.succeed }))
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
  const failure = yield* Effect.raceFirst(told, seen)
  if (Option.isSome(failure)) return yield* failed(container, failure.value)
})

/** Turns the engine's refusal to start a container into what the operator needs to know about it. */
export const startFailed = Effect.fnUntraced(function* (container: KnownContainer, error: DockerError) {
  const { id, name } = container
  const docker = yield* DockerClient
  const found = yield* docker.inspectContainer(id).pipe(attempt("INSPECT", `inspect container ${name}`))
  const { reason } = error
  const exitCode = Option.filter(
    Option.map(found, ({ exitCode }) => exitCode),
    (code) => code !== 0
  )
  const failure = { detail: `could not be started: ${error.explanation}`, exitCode }
  if (isStartReason(reason)) return yield* failed(container, { ...failure, reason })
  // Without an exit code the command never ran: the engine's error says all there is.
  return yield* Option.isNone(exitCode) ? error : failed(container, failure)
})

const isStartReason = Schema.is(StartReason)

/** A container that was started; it has failed if it is gone. */
export const startedContainer = Effect.fnUntraced(function* (container: KnownContainer) {
  const { id, name } = container
  const docker = yield* DockerClient
  const found = yield* docker.inspectContainer(id).pipe(attempt("INSPECT", `inspect container ${name}`))
  return Option.isNone(found) ? yield* failed(container, vanished) : found.value
})

/** Fails as soon as the engine's events say that a new container has; never succeeds. */
export const failingByEvents = (
  container: KnownContainer,
  policy: EngineRestartPolicy,
  restartsBefore: number | undefined
) =>
  judgedEvents(container.id, policy, restartsBefore).pipe(
    Stream.filter(Option.isSome),
    Stream.runHead,
    Effect.flatMap(Option.match({ onNone: () => Effect.never, onSome: ({ value }) => failed(container, value) }))
  )

/** An engine that stays answers a ping by then, unless it has too much to do. */
const answerLimit = Duration.seconds(2)
/**
 * It takes an engine 15 s at most to stop its containers, unless one of them has a longer grace period. Source: dockerd's
 * `--shutdown-timeout`.
 */
const shutdownLimit = Duration.seconds(20)

/**
 * An engine that goes down stops its containers first, which looks as if somebody had stopped them. By then it takes no
 * new connection (systemd may, in its place, which nobody answers), and is waited for: the next call to it then fails,
 * and says why. Source: moby's cmd/dockerd/daemon.go, which closes its listeners before it stops containers.
 */
const untilEngineEnds = Effect.fnUntraced(function* (id: string) {
  const docker = yield* DockerClient
  const answer = yield* docker.ping.pipe(
    Effect.timeoutOption(answerLimit),
    Effect.orElseSucceed(() => Option.none())
  )
  if (Option.isSome(answer)) return
  yield* docker.containerEvents(id).pipe(Stream.runDrain, Effect.ignore, Effect.timeoutOption(shutdownLimit))
})

/** Fails with what is wrong with a container, and its last log lines. A job that the engine has ended has not failed. */
export const failed = Effect.fnUntraced(function* (container: KnownContainer, failure: Failure) {
  if (failure.isJob === true && failure.signalled !== undefined) yield* untilEngineEnds(failure.signalled)
  const found = yield* containerFailure(container, failure)
  if (failure.isJob !== true || Option.isNone(failure.exitCode)) return yield* found
  return yield* jobFailure(found, failure.exitCode.value)
})

/** For a failure; it says so where the log cannot be read. */
export const lastLogLinesOf = (container: KnownContainer) =>
  Effect.flatMap(DockerClient, (docker) =>
    docker.lastLogLines(container.id, logLineCount).pipe(
      Effect.mapError((error) => error.of(container)),
      attempt("INSPECT", `read the log of ${container.name}`),
      Effect.catch((error) => Effect.succeed([`(its log could not be read: ${error.message})`]))
    )
  )

/** A container's failure, with its termination message and its last log lines. */
export const containerFailure = Effect.fnUntraced(function* (container: KnownContainer, failure: Failure) {
  const { id, name } = container
  const docker = yield* DockerClient
  const lastLogLines = yield* lastLogLinesOf(container)
  const looked = yield* docker.inspectContainer(id).pipe(attempt("INSPECT", `inspect container ${name}`), Effect.option)
  const found = Option.flatten(looked)
  // Who removes one by force ends it first.
  const { detail, exitCode, isRemoved } = Option.exists(looked, Option.isNone) ? vanished : failure
  const hasRunOut =
    Option.isSome(found) && (failure.hasRunOutOfMemory === true || (yield* hasRunOutOfMemory(found.value, exitCode)))
  return new ContainerFailed({
    container: name,
    detail,
    exitCode,
    ...(isRemoved === true ? { isRemoved } : {}),
    reason: failure.reason ?? startReasonIn(name, lastLogLines),
    ...(hasRunOut ? { outOfMemory: outOfMemory(found.value) } : {}),
    terminationMessage: Option.isNone(found) ? undefined : yield* terminationMessageOf(found.value),
    ...(failure.hookLines === undefined ? {} : { hookLines: failure.hookLines }),
    lastLogLines
  })
})

/** The same of a job. */
export const jobFailure = (
  { container, outOfMemory, terminationMessage, lastLogLines }: ContainerFailed,
  exitCode: number
) => new JobFailed({ container, exitCode, outOfMemory, terminationMessage, lastLogLines })
