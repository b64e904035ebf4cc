import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import { isActive } from "../observation/Observation.ts"
import { inspectOurs } from "../observation/observeContainers.ts"
import { isAside } from "../observation/Ownership.ts"
import type { NextTry } from "../progress/Aftermath.ts"
import { Progress, type ProgressEvent } from "../progress/Progress.ts"
import { keepRun } from "../record/History.ts"
import { countRun } from "../record/metrics.ts"
import { type RecordedContainer, recordedContainer } from "../record/RecordedContainer.ts"
import { amendStatus } from "../record/amendStatus.ts"
import { emptyRecording, keptLine, keptText, limits, record, type Recording } from "../record/Recording.ts"
import { knownStatusOf } from "../record/readStatus.ts"
import type { RunRecord } from "../record/RunRecord.ts"
import { encodeStatus } from "../record/Status.ts"
import { type EndedRun, statusOf } from "../record/statusOf.ts"
import { beginning } from "../record/UnderWay.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { Interruption, type InterruptionReason } from "../timing/Interruption.ts"
import { stopwatch } from "../timing/stopwatch.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { isEngineAway } from "../vm/engine/DockerError.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { HostRandom } from "../vm/host/HostRandom.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"
import { StatusFile } from "../vm/host/StatusFile.ts"
import type { Report } from "./Report.ts"
import { makeUnderWayWriter } from "./underWayWriter.ts"

/** How long a run that failed may ask what it leaves. */
const lastLookLimit = Duration.seconds(10)

/** What a failed run has to say, besides its message. */
interface Failure extends Error {
  readonly _tag: string
  readonly advice?: string | undefined
  readonly hookLines?: ReadonlyArray<string> | undefined
  readonly lastLogLines?: ReadonlyArray<string>
  /** Of a start that is held back. */
  readonly next?: unknown
}

/**
 * Listens to a run, writes its status at its end, and keeps it for later; also, if it takes longer than a second, what it
 * does, and whenever that changes. While two runs are under way it is the one that holds the lock that writes so. None of
 * it fails the run: what cannot be written is a warning. `reads`: the run begins with reading its declaration, as all but
 * `down` do.
 */
export const makeRecorder = Effect.fnUntraced(function* (reads: boolean) {
  const tellOthers = yield* Progress
  const file = yield* StatusFile
  const docker = yield* DockerClient
  const state = yield* StateFolder
  const random = yield* HostRandom
  const { seed: boot } = random
  const sinceBegan = yield* stopwatch
  const underWay = yield* makeUnderWayWriter(beginning(reads, yield* DateTime.now))
  let recording = emptyRecording

  const listen = (event: ProgressEvent): Effect.Effect<void> =>
    event._tag === "Pulling"
      ? tellOthers(event)
      : Effect.gen(function* () {
          recording = record(recording, event, yield* sinceBegan)
          yield* underWay.listen(event)
          yield* tellOthers(event)
        })
  const warn = (text: string) => tellOthers({ _tag: "Warning", text })

  /** The status before this run, in this boot. */
  const previous = Effect.provideService(knownStatusOf(boot), StatusFile, file)

  /** What there is after a run that does not say; null if the engine does not say either. */
  const whatIsLeft = (those: (container: ContainerInspection) => boolean, within: Duration.Duration) =>
    Effect.gen(function* () {
      const all = yield* docker.listContainers.pipe(withDeadline("LIST", "list containers"))
      const { containers } = yield* inspectOurs(all, recording.declared?.containers.map(({ name }) => name) ?? [])
      return containers
        .filter((container) => those(container) && (isActive(container) || !isAside(container)))
        .slice(0, limits.containers)
        .map((container) => recordedContainer(container))
    }).pipe(
      Effect.provideService(DockerClient, docker),
      Effect.timeoutOption(within),
      Effect.orElseSucceed(Option.none<ReadonlyArray<RecordedContainer>>),
      Effect.map(Option.getOrNull)
    )

  /** After a run that has failed: what runs, and what belongs to that and is down, as for the back-off of its probe. */
  const isLeft = Effect.map(previous, (status) => {
    const before = new Set(Option.getOrUndefined(status)?.running?.map(({ id }) => id))
    return (container: ContainerInspection) => isActive(container) || before.has(container.id)
  })

  /** The status as it was before this run, which leaves everything as it was. */
  const forgetUnderWay = amendStatus((status) =>
    status.underWay !== null && underWay.isOwn(status.underWay) ? { ...status, underWay: null } : status
  ).pipe(
    Effect.catch((error) => warn(`the status is not written: ${error.message}`)),
    Effect.provideService(StatusFile, file),
    Effect.provideService(HostRandom, random),
    Effect.asVoid
  )

  /** Keeps how the run ended, and what it leaves, for which the engine is asked no longer than `within`. */
  const keep = Effect.fnUntraced(function* (exit: Exit.Exit<Report | Downed, Failure>, within = lastLookLimit) {
    yield* underWay.end
    if (Exit.isFailure(exit) && Cause.hasInterruptsOnly(exit.cause) && hasDoneNothing(recording)) {
      // Of a VM that no run has looked at in this boot it says at least that one was there.
      if (Option.exists(yield* previous, ({ lastRun }) => lastRun !== null)) return yield* forgetUnderWay
    }
    const took = yield* sinceBegan
    const failure = Exit.isFailure(exit) ? Cause.findErrorOption(exit.cause) : Option.none<Failure>()
    const now = yield* DateTime.now
    const run: EndedRun = {
      boot,
      began: DateTime.subtractDuration(now, took),
      tookMillis: Math.round(Duration.toMillis(took)),
      declared: recording.declared ?? null,
      found: recording.found,
      plans: recording.plans,
      warnings: recording.warnings,
      ...(Exit.isSuccess(exit)
        ? {
            ...reported(exit.value),
            running: runningOf(exit.value) ?? (yield* whatIsLeft(isShown(exit.value), within))
          }
        : {
            ...failed(exit.cause, failure, (yield* Interruption)()),
            running: Option.exists(failure, isEngineAway) ? null : yield* whatIsLeft(yield* isLeft, within),
            degraded: [],
            nextTry: nextTryAt(now, heldUntil(failure) ?? recording.aftermath?.nextTry)
          })
    }
    yield* Effect.annotateCurrentSpan({ result: run.result, ...(run.error === null ? {} : { error: run.error.tag }) })
    yield* Effect.gen(function* () {
      const before = yield* previous
      yield* countRun(run, Option.getOrUndefined(before))
      const status = statusOf(run, Option.getOrUndefined(before), now, yield* underWay.others(before), !reads)
      const written = file.write(encodeStatus(status)).pipe(
        withDeadline("FILE", "write the status"),
        Effect.catch((error) =>
          warn(`the status is not written: ${error.message}. Its place is a setting: SLIPWAY_STATUS`)
        )
      )
      // One that only repeats another is kept already, and the disk is left alone.
      const isKept = (status.lastRun?.repeated ?? 1) > 1
      const goesDown = status.lastRun?.goesDown === true ? { goesDown: true as const } : {}
      const kept = keepRun({ ...run, ...goesDown }).pipe(
        Effect.provideService(StateFolder, state),
        Effect.catch((error) => warn(`the run is not kept for \`slipway why\`: ${error.message}`))
      )
      yield* Effect.all([written, isKept ? Effect.void : kept], { concurrency: 2, discard: true })
    }).pipe(file.oneAtATime)
  })

  return {
    listen,
    keep,
    /** From here on this run is the one that acts. */
    locked: underWay.locked
  }
})

/** It has neither read what is declared nor planned anything. */
const hasDoneNothing = ({ declared, plans }: Recording): boolean => declared === undefined && plans.length === 0

/** A `down` that has come to its end. */
export interface Downed {
  readonly _tag: "Down"
  /** The whole machine goes down. */
  readonly goesDown: boolean
  /** Whatever was there had come to its end by itself. */
  readonly stoppedNothing: boolean
}

const results = {
  Running: "done",
  NothingDeclared: "nothing declared",
  LeftDown: "left down",
  GaveWay: "superseded",
  Down: "down"
} as const satisfies Readonly<Record<(Report | Downed)["_tag"], RunRecord["result"]>>

const reported = (
  ended: Report | Downed
): Pick<RunRecord, "result" | "goesDown" | "stoppedNothing" | "error" | "lastLogLines" | "degraded" | "nextTry"> => ({
  result: results[ended._tag],
  ...(ended._tag === "Down" && ended.goesDown ? { goesDown: true } : {}),
  ...(ended._tag === "Down" && ended.stoppedNothing ? { stoppedNothing: true } : {}),
  error: null,
  lastLogLines: [],
  degraded: ended._tag === "Running" ? ended.degraded.slice(0, limits.lines).map(keptLine) : [],
  nextTry: null
})

/** What `down` has stopped is there, and is shown as what it is. */
const isShown =
  ({ _tag }: Report | Downed) =>
  (container: ContainerInspection): boolean =>
    _tag === "NothingDeclared" ? isActive(container) : true

/** Undefined where nobody has looked yet. */
const runningOf = (report: Report | Downed): ReadonlyArray<RecordedContainer> | undefined => {
  if (report._tag !== "Running") return undefined
  const ready = new Set(
    report.steps.flatMap(({ step: { action } }) =>
      action._tag === "Probe" && action.kind === "readiness" ? [action.name] : []
    )
  )
  return report.containers
    .flatMap(({ found }) => Option.toArray(found))
    .slice(0, limits.containers)
    .map((found) => recordedContainer(found, ready.has(found.name) ? true : undefined))
}

const failed = (
  cause: Cause.Cause<Failure>,
  failure: Option.Option<Failure>,
  interrupted: InterruptionReason
): Pick<RunRecord, "result" | "error" | "hookLines" | "lastLogLines"> => {
  if (Option.isSome(failure)) {
    const { _tag: tag, message, advice, hookLines, lastLogLines = [] } = failure.value
    return {
      result: tag === "StartHeldBack" ? "held back" : "failed",
      error: { tag, message: keptText(message), advice: advice === undefined ? null : keptText(advice) },
      ...(hookLines === undefined ? {} : { hookLines: hookLines.slice(-limits.logLines).map(keptLine) }),
      lastLogLines: lastLogLines.slice(-limits.logLines).map(keptLine)
    }
  }
  if (Cause.hasInterruptsOnly(cause)) {
    return { result: interrupted === "superseded" ? "superseded" : "stopped", error: null, lastLogLines: [] }
  }
  const bug = { tag: "Bug", message: "a bug in Slipway, not in the declaration", advice: "Please report it." }
  return { result: "failed", error: bug, lastLogLines: [] }
}

/** A job that has failed, whenever that was, is not started again in this boot, nor a Pod whose time is over. */
const untilNextBoot: ReadonlySet<string> = new Set(["JobFailed", "DeadlineExceeded"])

const heldUntil = (failure: Option.Option<Failure>): NextTry | undefined =>
  Option.match(failure, {
    onNone: () => undefined,
    onSome: ({ _tag, next }) =>
      Duration.isDuration(next) ? next : untilNextBoot.has(_tag) ? ("next boot" as const) : undefined
  })

const nextTryAt = (now: DateTime.Utc, nextTry: NextTry | undefined): RunRecord["nextTry"] =>
  nextTry === undefined ? null : nextTry === "next boot" ? nextTry : DateTime.addDuration(now, nextTry)
