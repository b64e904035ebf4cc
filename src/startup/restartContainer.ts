import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Latch from "effect/Latch"
import * as Option from "effect/Option"
import { apply } from "../apply/apply.ts"
import { hidingValues } from "../apply/hiddenValues.ts"
import { makeRecord, readRecord } from "../observation/ContainerRecord.ts"
import { isActive } from "../observation/Observation.ts"
import { containerLabel, isAside } from "../observation/Ownership.ts"
import { isProbed } from "../plan/planProbes.ts"
import { describeRestart, planRestart, type RestartDemand } from "../plan/planRestart.ts"
import { graceOf } from "../plan/stopGrace.ts"
import { Progress, type ProgressEvent, tell } from "../progress/Progress.ts"
import { countRestarts } from "../record/metrics.ts"
import { Interruption } from "../timing/Interruption.ts"
import { attempt } from "../timing/Retries.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import type { Prober } from "../vm/probes/Prober.ts"
import type { Probes } from "../workload/Probe.ts"
import type { Workload } from "../workload/Workload.ts"
import { noPulls } from "./down.ts"
import { downWaits, isDownWaiting } from "./downWaiting.ts"
import { keepingRestart } from "./keepRestart.ts"
import { oneAtATime } from "./oneAtATime.ts"

/** A container whose probe failed. */
export interface Failing {
  /** As it was found when it was probed. */
  readonly container: ContainerInspection
  /** `its livenessProbe (GET :8080/healthz) failed 3 times in a row, at last: HTTP 503` */
  readonly reason: string
  /** The probe's own, in place of the container's. */
  readonly graceSeconds: number | undefined
  /** Whether it still fails, for when another run was waited for. */
  readonly isStillFailing: (container: ContainerInspection) => Effect.Effect<boolean, never, DockerClient | Prober>
}

/** What a restart needs to know of the container besides. */
export interface RestartSettings {
  readonly probes: Probes
  /** Whose values are hidden. */
  readonly workload: Workload
  readonly mountRoot: string
  /** Comes to its end once another declaration is there, whose run takes over what is still being stopped, or hooked. */
  readonly takenOver: Effect.Effect<void>
}

/** What became of it. */
export type RestartOutcome = Data.TaggedEnum<{
  /**
   * Nothing was done, as another run had replaced, stopped or restarted it, or it is well again, or `down` waits for its
   * turn as well; or it was left to such a run while it was being stopped, or while its postStart hook ran.
   */
  Superseded: {}
  Stopped: {}
  /** It runs again. */
  Started: {}
  /** It could not be stopped, or was, and could not be started, or did not get through its postStart hook. */
  Failed: { readonly message: string; readonly isOfHook: boolean }
}>
export const RestartOutcome = Data.taggedEnum<RestartOutcome>()

/** Whether a container is still running in the same start. */
export const isSameStart = (one: ContainerInspection, other: ContainerInspection): boolean =>
  one.id === other.id &&
  one.restartCount === other.restartCount &&
  Option.getOrUndefined(one.startedAt) === Option.getOrUndefined(other.startedAt)

/**
 * Stops a container whose probe failed, with its preStop hook and its grace period, and starts the same one again: at once,
 * or, where it has been restarted just before, not now. One run at a time: another that is under way is waited for, and has
 * precedence. An interruption comes into effect once it runs again; but while it is being stopped, or its postStart hook
 * runs, it is left to a `down`, to the end of the VM, and to another declaration's run.
 */
export const restartContainer = Effect.fn("restartContainer")(function* (
  { container, reason, graceSeconds, isStillFailing }: Failing,
  settings: RestartSettings,
  then: "start it" | "leave it stopped" | "start it later"
) {
  const { id, name } = container
  const hasWaited = yield* oneAtATime(`${then === "leave it stopped" ? "stopping" : "restarting"} ${name}`)
  const found = yield* inspected(id, name)
  if (Option.isNone(found)) return RestartOutcome.Superseded()
  const now = found.value
  if (now.status !== "running" || isAside(now) || !isSameStart(now, container)) return RestartOutcome.Superseded()
  if (hasWaited && ((yield* isDownWaiting) || !(yield* isStillFailing(now)))) return RestartOutcome.Superseded()
  if (then !== "leave it stopped") yield* (yield* makeRecord("restarting")).begin(id)
  const demand: RestartDemand = {
    container: now,
    cause: then === "leave it stopped" ? `${reason}, and it is not to be started again` : reason,
    stop: { grace: graceSeconds === undefined ? graceOf(now) : Duration.seconds(graceSeconds) },
    start:
      then === "start it"
        ? { cause: "a container that fails a probe is restarted", isProbed: isProbed(settings.probes) }
        : undefined
  }
  return yield* carryOut(demand, reason, settings)
}, Effect.scoped)

/** Starts it again later. */
export const startAgain = Effect.fn("startAgain")(function* (
  { container: { id, name }, reason }: Pick<Failing, "container" | "reason">,
  settings: RestartSettings,
  waited: Duration.Duration
) {
  yield* oneAtATime(`starting ${name} again`)
  const found = yield* inspected(id, name)
  const isOurs = (yield* readRecord("restarting")).includes(id)
  if (Option.isNone(found) || isAside(found.value) || !isOurs || isActive(found.value)) {
    return RestartOutcome.Superseded()
  }
  const demand: RestartDemand = {
    container: found.value,
    cause: reason,
    stop: undefined,
    start: {
      cause: `${reason}, and it has been stopped for its back-off of ${Duration.format(waited)}`,
      isProbed: isProbed(settings.probes)
    }
  }
  return yield* carryOut(demand, reason, settings)
}, Effect.scoped)

/** It is not to be started again after all. */
export const forgetRestart = (id: string) => Effect.flatMap(makeRecord("restarting"), ({ end }) => end(id))

const inspected = (id: string, name: string) =>
  Effect.flatMap(DockerClient, (docker) =>
    docker.inspectContainer(id).pipe(attempt("INSPECT", `inspect container ${name}`))
  )

const carryOut = Effect.fnUntraced(function* (
  demand: RestartDemand,
  reason: string,
  { workload, mountRoot, takenOver }: RestartSettings
) {
  const steps = planRestart(demand)
  const tellOthers = yield* Progress
  const interruption = yield* Interruption
  let isTaken = false
  /** Open while it is being stopped, for as long as its grace period, or its hook runs, which may hang. */
  const mayBeTaken = yield* Latch.make(false)
  const runsAgain = yield* Deferred.make<void>()
  const listen = Effect.fnUntraced(function* (event: ProgressEvent) {
    yield* tellOthers(event)
    if (!("step" in event) || (event.step.kind !== "Stop" && event.step.kind !== "PostStart")) return
    yield* event._tag === "StepStarted" ? mayBeTaken.open : mayBeTaken.close
    if (event.step.kind === "PostStart") yield* Deferred.succeed(runsAgain, undefined)
  })
  const work = Effect.gen(function* () {
    yield* tell({ _tag: "Planned", plan: describeRestart(demand, steps) })
    const { failures } = yield* apply({ steps }, noPulls, mountRoot, { goesOn: true }).pipe(
      Effect.catchTag("ApplyFailed", ({ error }) => Effect.fail(error))
    )
    return failures
  })
  const what = demand.stop === undefined ? "started again" : demand.start === undefined ? "stopped" : "restarted"
  const kept = keepingRestart({ container: demand.container, what, reason }, work).pipe(
    Effect.provideService(Progress, listen),
    Effect.provideService(Interruption, () => (isTaken ? "taken over" : interruption())),
    hidingValues(workload),
    Effect.ensuring(Deferred.succeed(runsAgain, undefined))
  )
  const fiber = yield* Effect.forkDetach(kept)
  const taken = Effect.raceFirst(
    downWaits(() => mayBeTaken.isOpen()),
    Effect.andThen(takenOver, mayBeTaken.await)
  )
  const leave = Effect.suspend(() => {
    isTaken = true
    return Fiber.interrupt(fiber)
  })
  const failures = yield* Effect.raceFirst(Effect.asSome(Fiber.join(fiber)), Effect.as(taken, Option.none())).pipe(
    // What has been stopped is started again first: the end of an agent is no end of its containers.
    Effect.onInterrupt(() =>
      interruption() === "taken over" ? leave : Effect.andThen(Deferred.await(runsAgain), leave)
    )
  )
  if (Option.isNone(failures)) {
    yield* leave
    return RestartOutcome.Superseded()
  }
  const [failure] = failures.value
  if (failure !== undefined) {
    const { step, error } = failure
    const isOfHook = step.action._tag === "PostStart" && error._tag === "ContainerFailed"
    return RestartOutcome.Failed({ message: error.message, isOfHook })
  }
  if (demand.start === undefined) return RestartOutcome.Stopped()
  const { labels, name } = demand.container
  yield* countRestarts(labels[containerLabel] ?? name, 1)
  return RestartOutcome.Started()
})
