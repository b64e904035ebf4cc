import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { FailedStep } from "../apply/apply.ts"
import { lastLogLinesOf } from "../apply/confirm.ts"
import { amendStatus, ofContainers } from "../record/amendStatus.ts"
import { keepRun } from "../record/History.ts"
import { type RecordedContainer, recordedContainer } from "../record/RecordedContainer.ts"
import { emptyRecording, keptLine, keptText, limits, record } from "../record/Recording.ts"
import type { RestartOf } from "../record/RunRecord.ts"
import type { Status } from "../record/Status.ts"
import { knownStatusOf } from "../record/readStatus.ts"
import type { EndedRun } from "../record/statusOf.ts"
import { restarting, type UnderWay } from "../record/UnderWay.ts"
import { Progress, type ProgressEvent, tell } from "../progress/Progress.ts"
import { attempt } from "../timing/Retries.ts"
import { stopwatch } from "../timing/stopwatch.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { HostRandom } from "../vm/host/HostRandom.ts"
import { makeUnderWayWriter } from "./underWayWriter.ts"

interface Restart extends Pick<RestartOf, "what" | "reason"> {
  readonly container: ContainerInspection
}

/**
 * Has the status say what is done with a container while it is, keeps it for `slipway why`, and renews what the status says
 * of the container. None of it can fail it. Under the lock.
 */
export const keepingRestart = Effect.fnUntraced(function* <E, R>(
  { container, what, reason }: Restart,
  work: Effect.Effect<ReadonlyArray<FailedStep>, E, R>
) {
  const { name } = container
  const { seed: boot } = yield* HostRandom
  const sinceBegan = yield* stopwatch
  const began = yield* DateTime.now
  const tellOthers = yield* Progress
  const restart: RestartOf = { name, what, reason: keptLine(reason) }
  const before = yield* knownStatusOf(boot)
  const declared = Option.getOrUndefined(before)?.declared ?? null
  const underWay = yield* makeUnderWayWriter(restarting(restart, declared, began))
  yield* underWay.locked
  let recording = emptyRecording
  const listen = (event: ProgressEvent) =>
    Effect.gen(function* () {
      recording = record(recording, event, yield* sinceBegan)
      yield* underWay.listen(event)
      yield* tellOthers(event)
    })
  const lastLogLines = yield* lastLogLinesOf(container)
  // Of what is to be stopped nobody is to expect an answer, however long it takes to stop.
  yield* amended(
    ofContainers((one) => (one.id === container.id && one.ready === true ? { ...one, ready: false } : one))
  )
  const failures = yield* Effect.provideService(work, Progress, listen)
  yield* underWay.end
  const status = yield* renewStatus(container, underWay.isOwn)
  const [failure] = failures
  const run: EndedRun = {
    boot,
    began,
    tookMillis: Math.round(Duration.toMillis(yield* sinceBegan)),
    result: failure === undefined ? "done" : "failed",
    restart,
    declared: status?.declared ?? null,
    found: [keptLine(`${name}: ${reason}`)],
    plans: recording.plans,
    warnings: recording.warnings,
    error: failure === undefined ? null : errorOf(failure),
    lastLogLines: lastLogLines.slice(-limits.logLines).map(keptLine),
    running: status?.running ?? null,
    degraded: status?.degraded ?? [],
    nextTry: null
  }
  yield* Effect.catch(keepRun(run), (error) =>
    tell({ _tag: "Warning", text: `the restart is not kept for \`slipway why\`: ${error.message}` })
  )
  return failures
}, Effect.scoped)

const errorOf = ({ error }: FailedStep): EndedRun["error"] => ({
  tag: error._tag,
  message: keptText(error.message),
  advice: "advice" in error && error.advice !== undefined ? keptText(error.advice) : null
})

/** The container as it is by now, and that nothing is done with it any more. What is not known of it stays as it was. */
const renewStatus = Effect.fnUntraced(function* (
  { id, name }: ContainerInspection,
  isOwn: (underWay: UnderWay) => boolean
) {
  const docker = yield* DockerClient
  const found = yield* docker.inspectContainer(id).pipe(
    attempt("INSPECT", `inspect container ${name}`),
    Effect.orElseSucceed(() => Option.none<ContainerInspection>())
  )
  const ofThisOne = ofContainers((one) => (Option.isNone(found) || one.id !== id ? one : renewed(one, found.value)))
  return yield* amended((status) => ({
    ...ofThisOne(status),
    underWay: status.underWay !== null && isOwn(status.underWay) ? null : status.underWay
  }))
})

/** The status with a change; undefined where there is none, or it cannot be written. */
const amended = (change: (status: Status) => Status) =>
  amendStatus(change).pipe(
    Effect.orElseSucceed(() => Option.none<Status>()),
    Effect.map(Option.getOrUndefined)
  )

const renewed = (one: RecordedContainer, found: ContainerInspection): RecordedContainer => ({
  ...one,
  ...recordedContainer(found),
  // What was started again has its probes before it.
  ready: one.ready === null ? null : false
})
