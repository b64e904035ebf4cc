import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import type { ImagePulls } from "./ImagePull.ts"
import { Created } from "./Created.ts"
import { Interruption } from "../timing/Interruption.ts"
import { ContainerNameInUse, leaveBehind } from "./leftover.ts"
import { detailOf, DockerError } from "../vm/engine/DockerError.ts"
import { isActive } from "../observation/Observation.ts"
import { leftForNextRun, nothingDone, type StepError, UndoneOtherwise } from "./Handler.ts"
import { makeHandlers } from "./handlers.ts"
import type { Plan } from "../plan/Plan.ts"
import type { StepDescription } from "../progress/PlanDescription.ts"
import { tell } from "../progress/Progress.ts"
import { describe, describeStep } from "../plan/describe.ts"
import { sizeText } from "../plan/diskGrowth.ts"
import { growLine } from "../vm/storage/Disks.ts"
import type { Action, Step } from "../plan/Step.ts"
import { stopwatch } from "../timing/stopwatch.ts"
import { makeUnmountRecord } from "./UnmountRecord.ts"

/** When a step was done, from the start of the plan. */
export interface StepRecord {
  readonly step: Step
  readonly began: Duration.Duration
  readonly took: Duration.Duration
}

/** A plan that failed. Its steps have been rolled back, as far as that is worthwhile. */
export class ApplyFailed extends Data.TaggedError("ApplyFailed")<{
  /** The step that failed first. */
  readonly step: Step
  readonly error: StepError
  /** A container that ran had been stopped, and was brought back. */
  readonly isRolledBack: boolean
}> {}

/** A step that failed, and what followed it has been tried all the same. */
export interface FailedStep {
  readonly step: Step
  readonly error: StepError
}

/**
 * Applies a plan as a graph: a step begins once the steps that it needs are done. The first failure stops the rest, and
 * what was begun is rolled back in reverse order, so that the VM has the container that it had. With `goesOn` a failure
 * stops nothing: what one container does is no reason to leave others running.
 */
export const apply = Effect.fn("apply")(function* (
  plan: Pick<Plan, "steps">,
  pulls: ImagePulls,
  mountRoot: string,
  { goesOn = false }: { readonly goesOn?: boolean } = {}
) {
  const created = new Created()
  const warnings: Array<string> = []
  const warn = (text: string) =>
    Effect.suspend(() => {
      warnings.push(text)
      return tell({ _tag: "Warning", text })
    })
  const handlerOf = yield* makeHandlers(pulls, mountRoot, created, warn)
  const unmounted = yield* makeUnmountRecord
  const sinceStart = yield* stopwatch
  const begun: Array<Step> = []
  const records: Array<StepRecord> = []
  const failures: Array<FailedStep> = []
  const done = new Map(plan.steps.map((step) => [step.id, Deferred.makeUnsafe<void>()]))

  const run = Effect.fnUntraced(function* (step: Step) {
    for (const id of step.needs) yield* Deferred.await(done.get(id)!)
    const began = yield* sinceStart
    const sinceBegan = yield* stopwatch
    begun.push(step)
    yield* tell({ _tag: "StepStarted", step: describeStep(step) })
    const isDone = yield* Effect.flatMap(handlerOf(step.action), ({ perform }) => perform(step.action)).pipe(
      Effect.as(true),
      Effect.catch((error) =>
        Effect.flatMap(leaveUndone(plan, step.action, error), (left) =>
          Option.match(left, { onNone: () => Effect.succeed(true), onSome: (text) => Effect.as(warn(text), false) })
        )
      ),
      Effect.mapError((error) => ({ step, error: namedBy(step.action, error) })),
      Effect.tapError(({ error }) => tell({ _tag: "StepFailed", step: describeStep(step), message: error.message })),
      Effect.catch((failed) =>
        goesOn ? Effect.sync(() => failures.push(failed)).pipe(Effect.as(false)) : Effect.fail(failed)
      ),
      Effect.withSpan("step", { attributes: { step: step.id, kind: step.action._tag, cause: step.cause } })
    )
    const took = yield* sinceBegan
    if (isDone) {
      records.push({ step, began, took })
      yield* tell({ _tag: "StepDone", step: describeStep(step), duration: took })
    }
    yield* Deferred.succeed(done.get(step.id)!, undefined)
  })

  /** Gives the outcome. A container that could not be stopped still runs: nothing may be started beside it. */
  const undoStep = Effect.fnUntraced(function* (step: Step) {
    const { undo } = yield* handlerOf(step.action)
    if (undo === undefined) return "undone" as const
    return yield* undo(step.action).pipe(
      Effect.matchEffect({
        onSuccess: (undone) =>
          undone === leftForNextRun
            ? Effect.succeed("failed" as const)
            : undone === nothingDone
              ? Effect.succeed("undone" as const)
              : Effect.as(tell({ _tag: "StepUndone", step: describeUndone(step, undone) }), "undone" as const),
        onFailure: (error) =>
          Effect.as(
            tell({
              _tag: "UndoFailed",
              step: describeStep(step),
              message: namedBy(step.action, error).message
            }),
            error._tag === "ContainerStuck" ? ("stuck" as const) : ("failed" as const)
          )
      })
    )
  })
  const rollBack = Effect.gen(function* () {
    yield* tell({ _tag: "RollingBack" })
    let isWhole = true
    for (const step of begun.toReversed()) {
      const outcome = yield* undoStep(step)
      if (outcome === "stuck") return
      isWhole &&= outcome === "undone"
    }
    if (isWhole) yield* unmounted.clear
  })

  const interruption = yield* Interruption
  const isRolledBack = () => shouldRollBack(plan, begun)
  const leaving = plan.steps.flatMap(({ action }) => (action._tag === "Unmount" ? [action.mount] : []))
  if (leaving.length > 0 && plan.steps.some(({ action }) => action._tag === "Stop")) yield* unmounted.add(leaving)
  yield* Effect.forEach(plan.steps, run, { concurrency: "unbounded", discard: true }).pipe(
    Effect.onExit((exit) => {
      const interrupted = Exit.hasInterrupts(exit) ? interruption() : undefined
      if (interrupted === "taken over") return Effect.void
      const isSuperseded = interrupted === "superseded"
      return Exit.isFailure(exit) && (isRolledBack() || (isSuperseded && isWaitingForInit(begun)))
        ? rollBack
        : Effect.void
    }),
    Effect.mapError(
      (failed) =>
        new ApplyFailed({
          ...failed,
          isRolledBack: isRolledBack() && begun.some(({ action }) => action._tag === "Stop")
        })
    )
  )
  if (plan.steps.length > 0) yield* unmounted.clear
  return { steps: records, warnings, failures, created }
})

/** An error of a container that the engine was asked for by its id tells it by its name. */
const namedBy = (action: Action, error: StepError): StepError =>
  error instanceof DockerError && "container" in action ? error.of(action.container) : error

const describeUndone = (step: Step, undone: unknown): StepDescription => ({
  ...describeStep(step),
  ...(undone instanceof UndoneOtherwise ? { undone: undone.text } : {})
})

/**
 * What to tell of a step that failed, where nothing that is declared waits for it; `none` where it is done all the same.
 * All others fail.
 */
const leaveUndone = Effect.fnUntraced(function* ({ steps }: Pick<Plan, "steps">, action: Action, error: StepError) {
  if (action._tag === "Remove") return yield* leaveBehind(action.container, action.name, detailOf(error))
  // A VM that boots with a full disk is worth more than none.
  if (action._tag === "Grow") {
    const { mounted, growth } = action
    return Option.some(
      `${mounted.device} has ${sizeText(growth.toBytes)}, of which its filesystem uses ${sizeText(growth.fromBytes)}: it could ` +
        `not be grown: ${detailOf(error)}. The next run tries again; by hand: ${growLine(mounted)}`
    )
  }
  if (action._tag === "Adjust" && action.container.status !== "paused") {
    const stays = isActive(action.container) ? "runs on" : "is left"
    return Option.some(`${action.container.name} ${stays} as it is: ${describe(action)}: ${detailOf(error)}`)
  }
  if (action._tag === "RemoveEmptyDir" || action._tag === "RemoveFiles") {
    return Option.some(`${action.path}, which is of no use any more, is left: ${error.message}`)
  }
  if (action._tag === "SetAside" && !isActive(action.container)) {
    const { name } = action.container
    // A new container of its name would be taken for created where the old one is seen.
    const isWanted = steps.some((step) => step.action._tag === "Create" && step.action.spec.name === name)
    if (isWanted) return yield* new ContainerNameInUse({ name, detail: detailOf(error) })
    return Option.some(`${name} could not be set aside: ${detailOf(error)}. It does not run, and its name is avoided.`)
  }
  return yield* error
})

/**
 * Once the old containers are being removed, or where nothing was to be created, there is nothing to go back to. Nor
 * where nothing was stopped for new containers of which one started but did not come up: its restart policy may still
 * bring it up, and its log can be read.
 */
const shouldRollBack = ({ steps }: Pick<Plan, "steps">, begun: ReadonlyArray<Step>): boolean => {
  if (!steps.some(({ action }) => action._tag === "Create" || action._tag === "StartAgain")) return false
  const first = (...tags: ReadonlyArray<Step["action"]["_tag"]>) =>
    begun.findIndex(({ action }) => tags.includes(action._tag))
  const start = first("Start", "StartAgain", "RunToEnd")
  const isSettled = start !== -1 && begun.slice(start).some(({ action }) => action._tag === "Remove")
  return !isSettled && (first("Stop") !== -1 || first("Confirm", "Probe", "RunToEnd") === -1)
}

/** Whether nothing but init containers has been started: whoever supersedes a run has no use for them. */
const isWaitingForInit = (begun: ReadonlyArray<Step>): boolean =>
  !begun.some(({ action: { _tag } }) => _tag === "Start" || _tag === "StartAgain" || _tag === "Remove")
