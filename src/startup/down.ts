import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { apply, type FailedStep } from "../apply/apply.ts"
import { SharedGrace } from "../apply/graceLeft.ts"
import { hidingValuesIn } from "../apply/hiddenValues.ts"
import type { ImagePulls } from "../apply/ImagePull.ts"
import { StopAsked } from "../apply/StopAsked.ts"
import { makeRecord, readRecord } from "../observation/ContainerRecord.ts"
import { isActive } from "../observation/Observation.ts"
import { makeReached } from "../observation/observe.ts"
import { type DownObservation, observeDown } from "../observation/observeDown.ts"
import { describeDown } from "../plan/describeDown.ts"
import { type DownDemand, type DownPlan, planDown } from "../plan/planDown.ts"
import { Progress, tell } from "../progress/Progress.ts"
import { monotonicMillis, stopwatch } from "../timing/stopwatch.ts"
import { DownIncomplete } from "./DownIncomplete.ts"
import type { DownedContainer, DownReport } from "./DownReport.ts"
import { type DownSoFar, makeDownSoFar } from "./DownSoFar.ts"
import { beginDown } from "./downInForce.ts"
import { askToGiveWay } from "./downWaiting.ts"
import { forgetMessages } from "./forgetMessages.ts"
import { greetAfterDown } from "./greet.ts"
import { asDone, lastLook } from "./lastLook.ts"
import { oneAtATime } from "./oneAtATime.ts"
import { makeRecorder } from "./recorder.ts"
import { defaultSettings } from "./Settings.ts"

/** The settings of `down`. */
export interface DownSettings {
  /** As in the settings of `startup`. */
  readonly mountRoot: string
  /** Remove what is ours, too: containers, networks, mounts, files, firewall rules. Never images, nor data on disks. */
  readonly remove: boolean
  /**
   * Until when they are not to run: as an operator has it, until the next `startup`, which starts the same ones again, and
   * nothing else does; or until the machine has booted again, which then comes to what any boot comes to.
   */
  readonly until: DownDemand["until"]
  /** How long it may take in all. Grace periods are shortened to fit; `none` leaves them as they were declared. */
  readonly within: Option.Option<Duration.Duration>
  /** Greet logins with what was done. */
  readonly showWelcome: boolean
}

/** The settings where none are given. */
export const defaultDownSettings: DownSettings = {
  mountRoot: defaultSettings.mountRoot,
  remove: false,
  until: "the next run",
  within: Option.none(),
  showWelcome: true
}

/**
 * Stops what Slipway runs on this VM, whatever is declared: the containers side by side, with their preStop hooks, stop
 * signals and one grace period for all, then their sidecars, the last started first, then the sandbox. As a rule the
 * engine starts none of them by itself any more, and the next `startup` starts the same ones again, as far as they are
 * as declared by then.
 *
 * What cannot be stopped keeps nothing else from being stopped. Gives a `DownReport`; fails with `DownIncomplete` or
 * `DownTooLate`, if another run holds the lock, or with what a service of the VM fails with.
 */
export const down = Effect.fn("down")(function* (settings: DownSettings) {
  const soFar = yield* makeDownSoFar(settings.remove)
  const recorder = yield* makeRecorder(false)
  const run = Effect.scoped(bringDown(settings, soFar, recorder))
  if (Option.isNone(settings.within)) return yield* run
  const limit = settings.within.value
  // An interrupted stop waits for the engine's answer, for which there is no time: it does so without us.
  const fiber = yield* Effect.forkDetach(run)
  const ended = yield* Effect.timeoutOption(Fiber.await(fiber), limit).pipe(
    Effect.onInterrupt(() => Fiber.interrupt(fiber))
  )
  // One that is being recorded has come to its end.
  if (Option.isSome(ended) || !soFar.claimRecord()) return yield* Fiber.join(fiber)
  yield* Effect.forkDetach(Fiber.interrupt(fiber), { startImmediately: true })
  const failure = yield* soFar.tooLate(limit, lateLook)
  yield* Effect.ensuring(recorder.keep(Exit.fail(failure), lateLook), soFar.isRecorded)
  return yield* failure
}, Effect.scoped)

/** How long a run whose time is over, or almost, may ask the engine what it leaves. */
const lateLook = Duration.millis(500)

/** What `down` would do, and why: a `DownPlan`. Changes nothing; fails with what a service of the VM fails with. */
export const previewDown = Effect.fn("previewDown")(function* ({ mountRoot, remove, until, within }: DownSettings) {
  yield* yield* makeReached
  return planDown(yield* observeDown(mountRoot, remove), { remove, until, within: Option.getOrUndefined(within) })
})

/** Is a run as `startup` is, recorded like it. */
const bringDown = Effect.fnUntraced(function* (
  settings: DownSettings,
  soFar: DownSoFar,
  recorder: Effect.Success<ReturnType<typeof makeRecorder>>
) {
  const sinceBegan = yield* stopwatch
  const lookLimit = Effect.map(sinceBegan, (passed) =>
    Option.map(settings.within, (within) => Duration.max(lateLook, Duration.subtract(within, passed)))
  )
  return yield* stopEverything(settings, {
    onReached: soFar.reached,
    onLocked: Effect.andThen(recorder.locked, soFar.begun),
    onPlanned: soFar.planned
  }).pipe(
    // Under the lock, as the record of one run is made of that before it.
    Effect.onExit((exit) =>
      Effect.gen(function* () {
        if (!soFar.claimRecord()) return yield* soFar.recorded
        const stoppedNothing = Exit.isSuccess(exit) ? yield* hasStoppedNothing(exit.value) : false
        const goesDown = settings.until === "the next boot"
        const ended = Exit.map(exit, () => ({ _tag: "Down" as const, goesDown, stoppedNothing }))
        yield* recorder.keep(ended, Option.getOrUndefined(yield* lookLimit))
      })
    ),
    Effect.provideService(Progress, soFar.listening(recorder.listen)),
    Effect.provideService(StopAsked, soFar.asked)
  )
})

/** Whether all had come to their ends by themselves, a sandbox apart; what an earlier `down` had stopped has not. */
const hasStoppedNothing = Effect.fnUntraced(function* ({ containers, remove }: DownReport) {
  const own = containers.filter(({ role }) => role !== "sandbox")
  if (remove || own.some(({ isStopped, isToReturn }) => isStopped || isToReturn)) return false
  const stopped = yield* readRecord("stopped")
  return !own.some(({ id }) => stopped.includes(id))
})

/** Waits for another run to end, observes the VM, and stops what it has found. */
const stopEverything = Effect.fnUntraced(function* (
  { mountRoot, remove, until, within, showWelcome }: DownSettings,
  {
    onReached,
    onLocked,
    onPlanned
  }: {
    readonly onReached: Effect.Effect<void>
    readonly onLocked: Effect.Effect<void>
    readonly onPlanned: (plan: DownPlan) => Effect.Effect<void>
  }
) {
  const sinceBegan = yield* stopwatch
  const askedAt = yield* monotonicMillis
  yield* yield* makeReached
  yield* onReached
  yield* oneAtATime("stopping the containers", Option.getOrUndefined(within), askToGiveWay)
  yield* onLocked
  // What the next run is to leave down is on record before it is stopped.
  const observation = yield* observeDown(mountRoot, remove)
  yield* beginDown(askedAt, observation.containers)
  const passed = yield* sinceBegan
  const left = Option.map(within, (limit) => Duration.subtract(limit, passed))
  const stopped = yield* stopFound(observation, { remove, until, within: Option.getOrUndefined(left) }, onPlanned)
  const report: DownReport = { ...stopped, took: yield* sinceBegan }
  if (showWelcome && report.steps.length > 0) yield* greetAfterDown(report)
  return report
})

/** Plans, applies, and sees what that came to; under the lock. Fails with `DownIncomplete` if something still runs. */
export const stopFound = Effect.fnUntraced(function* (
  observation: DownObservation,
  demand: DownDemand,
  onPlanned: (plan: DownPlan) => Effect.Effect<void> = () => Effect.void
) {
  const sinceBegan = yield* stopwatch
  const { remove } = demand
  const plan = planDown(observation, demand)
  yield* onPlanned(plan)
  for (const text of plan.warnings) yield* tell({ _tag: "Warning", text })
  yield* tell({ _tag: "Planned", plan: describeDown(plan) })
  const applied = yield* carryOut(plan, observation.mountRoot).pipe(hidingValuesIn(observation.containers))
  const looked = yield* Effect.result(lastLook(plan.containers))
  const containers = Result.getOrElse(looked, () => asDone(plan.containers, applied.steps))
  if (remove) {
    yield* applied.forget(...containers.flatMap(({ id, status }) => (status === "gone" ? [id] : [])))
    const there = new Set(containers.flatMap(({ id, status }) => (status === "gone" ? [] : [id])))
    yield* forgetMessages(
      observation.containers.filter(({ id }) => there.has(id)),
      observation.containers
    )
  }
  const report: DownReport = {
    containers,
    remove,
    steps: applied.steps,
    warnings: [...plan.warnings, ...applied.warnings],
    took: yield* sinceBegan
  }
  const failures = applied.failures.filter(matters(containers))
  const isLeft = ({ status }: DownedContainer) => status !== "gone" && (remove || isActive({ status }))
  if (failures.length > 0 || containers.some(isLeft)) {
    return yield* new DownIncomplete({ failures, report, isSeen: Result.isSuccess(looked) })
  }
  return report
})

/** What the next run is to start again is on record before it is stopped. */
const carryOut = Effect.fnUntraced(function* (plan: DownPlan, mountRoot: string) {
  const stopped = yield* makeRecord("stopped")
  yield* stopped.begin(...plan.containers.flatMap(({ id, isToReturn }) => (isToReturn ? [id] : [])))
  // An agent that is at work finds that it is not to start them any more.
  const taken = plan.containers.filter(({ isToReturn, isStopped }) => isToReturn && !isStopped)
  if (taken.length > 0) yield* (yield* makeRecord("restarting")).end(...taken.map(({ id }) => id))
  const sinceBegan = yield* stopwatch
  const applied = yield* apply(plan, noPulls, mountRoot, { goesOn: true }).pipe(
    Effect.provideService(SharedGrace, sinceBegan),
    Effect.catchTag("ApplyFailed", ({ error }) => Effect.fail(error))
  )
  return { ...applied, forget: stopped.end }
})

export const noPulls: ImagePulls = {
  of: () => {
    throw new Error("nothing is pulled to stop something")
  }
}

/** A stop that failed matters as long as the container runs. */
const matters =
  (containers: ReadonlyArray<DownedContainer>) =>
  ({ step: { action } }: FailedStep): boolean =>
    action._tag !== "Stop" ||
    containers.some(({ id, status }) => id === action.container.id && status !== "gone" && isActive({ status }))
