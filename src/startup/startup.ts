import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import { hidingValues } from "../apply/hiddenValues.ts"
import { imageOf, isLost, type Observation } from "../observation/Observation.ts"
import { makeReached, type Reached } from "../observation/observe.ts"
import { isFailedJob } from "../plan/doubt.ts"
import { type Plan, plan } from "../plan/Plan.ts"
import type { Aftermath } from "../progress/Aftermath.ts"
import { Progress, tell } from "../progress/Progress.ts"
import { withHeldFiles } from "../resolution/heldFiles.ts"
import { Deadlines } from "../timing/Deadlines.ts"
import { monotonicMillis, stopwatch } from "../timing/stopwatch.ts"
import { aftermathOf } from "./aftermathOf.ts"
import { matchOrCached } from "./cachedImage.ts"
import { givingWay } from "./downWaiting.ts"
import { downInForce, endDown, isEnded } from "./downInForce.ts"
import { holdBack } from "./FailedStart.ts"
import { greet } from "./greet.ts"
import { tellLeftToAgent } from "./leftToAgent.ts"
import { keepLastGoodDeadline } from "./lastGoodDeadline.ts"
import type { Memory } from "./match.ts"
import { oneAtATime } from "./oneAtATime.ts"
import { isSameText, readDeclaration } from "./readDeclaration.ts"
import { Reading } from "./Reading.ts"
import { isBeforeTheVm, recover, recoverUndeclared } from "./recover.ts"
import { makeRecorder } from "./recorder.ts"
import type { Report } from "./Report.ts"
import { retireNeverUp } from "./retireImages.ts"
import { endWords } from "../vm/engine/ContainerSpec.ts"
import type { DockerError } from "../vm/engine/DockerError.ts"
import { imagesOf } from "../workload/images.ts"
import { beginRun, type Begun, look, pullMissing, resolved } from "./Run.ts"
import type { Settings } from "./Settings.ts"
import { judgeJobs } from "./judgeJobs.ts"
import { settle } from "./settle.ts"
import { Settled } from "./Settled.ts"
import { makeSwitchState } from "./switchState.ts"
import { deadlineExceeded, withinDeadline } from "./withinDeadline.ts"

/**
 * Makes the VM match its declaration: declaration → workload → resolution → observation → plan → apply → report.
 *
 * Reading and checking change nothing. All problems of a declaration come as one `DeclarationInvalid`, and all that is in
 * the way on the VM as one `PlanRefused`, both before the first change. If a later step fails, what was begun is rolled
 * back, and the containers that ran before run again.
 *
 * Gives a `Report`, needs the `VmServices`, and fails with a `StartupError`.
 */
export const startup = Effect.fn("startup")(function* (settings: Settings) {
  const began = yield* monotonicMillis
  const aftermath = yield* Ref.make(Option.none<Aftermath>())
  const recorder = yield* makeRecorder(true)
  const switchState = makeSwitchState()
  const recoverOthers = Effect.gen(function* () {
    if (settings.endsDown === true || Option.isNone(yield* downInForce)) yield* recoverUndeclared(settings.mountRoot)
  })
  const locking = oneAtATime("stopping what came up last, whose time is over")
  /** How the run ended is kept and told at once: each is a file of its own, and somebody waits. */
  const end = (exit: Exit.Exit<Report, StartupFailure>) =>
    Effect.all([recorder.keep(exit), settings.showWelcome ? greet(exit, Ref.get(aftermath)) : Effect.void], {
      concurrency: 2,
      discard: true
    })
  return yield* Effect.gen(function* () {
    const reached = yield* makeReached
    // A late engine is waited for concurrently with metadata.
    yield* Effect.forkScoped(Effect.ignore(reached))
    const { read, isNew } = yield* Reading
    const { METADATA: oneAnswer } = yield* Deadlines
    // What an earlier run left needs no metadata to run again: it is not to wait for one that is silent.
    const recovering = yield* Effect.forkScoped(Effect.delay(recoverOthers, oneAnswer))
    const declared = yield* Effect.ensuring(read(settings), Fiber.interrupt(recovering))
    if (Option.isNone(declared)) return nothingDeclared
    const first = yield* beginRun(declared.value, followingTags(settings, isNew), reached)
    // What was read before waiting for another run may have been replaced meanwhile.
    const hasWaited = yield* oneAtATime(`starting ${[...first.names.values()].join(", ")}`)
    yield* recorder.locked
    const current = hasWaited ? yield* renewed(first, settings, reached) : Option.some(first)
    if (Option.isNone(current)) return nothingDeclared
    const { endsDown, askedAt = began } = settings
    const inForce = yield* downInForce
    if (Option.isSome(inForce) && !(yield* isEnded(inForce.value, current.value.declared, { endsDown, askedAt }))) {
      return leftDown
    }
    const carriedOut = carryOut(current.value, aftermath, endsDown === true || Option.isSome(inForce))
    const matched = hidingValues(current.value.workload)(withinDeadline(current.value, carriedOut)).pipe(
      Effect.tapError(() => keepLastGoodDeadline(settings, Effect.void, current.value.workload))
    )
    return Option.getOrElse(yield* givingWay(matched, switchState), () => gaveWay)
  }).pipe(
    // Under the lock, as the record of one run is made of that before it.
    Effect.onExit((exit) => (endsBeforeTheVm(exit) ? Effect.void : end(exit))),
    Effect.scoped,
    Effect.tap(({ _tag }) =>
      _tag === "NothingDeclared" ? Effect.andThen(recoverOthers, keepLastGoodDeadline(settings, locking)) : Effect.void
    ),
    Effect.tapError((error) =>
      isBeforeTheVm(error) ? Effect.andThen(recoverOthers, keepLastGoodDeadline(settings, locking)) : Effect.void
    ),
    Effect.onExit((exit) => (endsBeforeTheVm(exit) ? end(exit) : Effect.void)),
    Effect.provideService(Progress, (event) => {
      switchState.listen(event)
      return recorder.listen(event)
    })
  )
}, Effect.scoped)

/** What all errors of a start have. */
type StartupFailure = Error & Parameters<typeof isBeforeTheVm>[0]

/** Whether all that a run had to do with the VM is to recover what an earlier one left. */
const endsBeforeTheVm = (exit: Exit.Exit<Report, StartupFailure>): boolean =>
  Exit.match(exit, {
    onSuccess: ({ _tag }) => _tag === "NothingDeclared",
    onFailure: (cause) => Option.exists(Cause.findErrorOption(cause), isBeforeTheVm)
  })

/** What `startup` would do. */
export interface Preview extends Plan {
  /** Pulls of the plan that a registry has refused already: it has no such image, or this VM may not read it. */
  readonly refusedPulls: ReadonlyArray<DockerError>
}

/**
 * What `startup` would do, and why. Changes nothing. Gives a `Preview`, `none` where nothing is declared, and fails with
 * what `startup` finds before its first change.
 */
export const preview = Effect.fn("preview")(function* (settings: Settings) {
  const declared = yield* readDeclaration(settings)
  if (Option.isNone(declared)) return Option.none<Preview>()
  const begun = yield* beginRun(declared.value, settings, yield* makeReached)
  const run = yield* resolved(begun)
  const observation = yield* hidingValues(run.workload)(look(run, run.images))
  const planned = yield* Effect.fromResult(plan(run.workload, observation, run.names, settings))
  const over = yield* deadlineExceeded(begun)
  // A plan that `up` would hold back is shown all the same, with a note.
  const held = Effect.gen(function* () {
    if (Option.isSome(over)) return yield* over.value
    if (!settings.retry) yield* holdBack(planned, observation)
  })
  const notYet = yield* Effect.match(held, {
    onSuccess: () => [],
    onFailure: (error) => [`this would not be done now: ${error.message}`]
  })
  const refusedPulls = refusedPullsOf(planned, observation)
  const failing = refusedPulls.map((error) => `the pull would fail: ${error.message}`)
  const failedJobs = planned.containers.flatMap(({ kept, role }) =>
    Option.toArray(kept).flatMap((one) =>
      role === "init" || isLost(one) || !isFailedJob(one, one)
        ? []
        : [`the job ${one.name} ${endWords(one)}, and is not started again in this boot, but by \`slipway up --retry\``]
    )
  )
  return Option.some<Preview>({
    ...planned,
    warnings: [...planned.warnings, ...notYet, ...failing, ...failedJobs],
    refusedPulls
  })
}, Effect.scoped)

const refusedPullsOf = ({ steps }: Plan, observation: Observation): ReadonlyArray<DockerError> =>
  steps.flatMap(({ action }) => {
    if (action._tag !== "Pull") return []
    const { wanted } = imageOf(observation, action.image)
    return wanted._tag === "Unknown" && wanted.refusal !== undefined ? [wanted.refusal] : []
  })

/** The run for the present declaration; `none` if there is none any more. */
const renewed = Effect.fnUntraced(function* (first: Begun, settings: Settings, reached: Reached) {
  const { reread, isNew } = yield* Reading
  const declared = yield* reread(first.declared, settings)
  if (Option.isSome(declared) && isSameText(declared.value, first.declared)) return Option.some(first)
  yield* first.end
  yield* tell({ _tag: "Warning", text: "the declaration was replaced while another run was under way" })
  return Option.isNone(declared)
    ? Option.none<Begun>()
    : Option.some(yield* beginRun(declared.value, followingTags(settings, isNew), reached))
})

const followingTags = (settings: Settings, isNew: () => boolean): Settings =>
  isNew() ? { ...settings, followTags: true } : settings

/** Recovers what an earlier run left, resolves, observes the VM, plans, applies, and settles what has come up. */
const carryOut = Effect.fnUntraced(function* (
  begun: Begun,
  aftermath: Ref.Ref<Option.Option<Aftermath>>,
  endsDown: boolean
) {
  const sinceBegan = yield* stopwatch
  const memory: Memory = { warned: new Set(), planned: undefined, nextTry: undefined }
  const ending = yield* Effect.forkScoped(endsDown ? endDown : Effect.void)
  yield* Effect.forkScoped(pullMissing(begun))
  const resolving = yield* Effect.forkScoped(resolved(begun))
  const matching = Effect.gen(function* () {
    yield* begun.reached
    yield* recover(begun.names, begun.settings.mountRoot)
    const joined = yield* Fiber.join(resolving)
    const run = { ...joined, workload: yield* withHeldFiles(joined.workload, begun.settings.mountRoot) }
    yield* tellLeftToAgent(run.workload)
    const matchingIt = Effect.flatMap(look(run, run.images), (observed) => matchOrCached(run, observed, memory))
    return { run, matched: yield* hidingValues(run.workload)(matchingIt) }
  }).pipe(Effect.catchTag("ApplyFailed", ({ error }) => Effect.fail(error)))
  const settling = Effect.gen(function* () {
    const { run, matched } = yield* Effect.ensuring(matching, Fiber.await(ending))
    const report = yield* settle(run, matched, sinceBegan)
    yield* (yield* Settled)(report)
    yield* hidingValues(run.workload)(judgeJobs(report.containers, matched.observation))
    return report
  })
  // It delays nothing, and is done however the run ends.
  return yield* Effect.tapError(settling, (error) =>
    // A run that is held back says so itself; an engine that is away cannot be asked what runs.
    error._tag === "StartHeldBack" || (error._tag === "DockerError" && enginesAway.has(error.reason._tag))
      ? Effect.void
      : Effect.gen(function* () {
          const left = yield* aftermathOf(begun.workload, begun.names, memory)
          yield* Ref.set(aftermath, left)
          if (Option.isSome(left)) yield* tell({ _tag: "Failed", aftermath: left.value })
          yield* retireNeverUp(imagesOf(begun.workload))
        })
  )
})

/** Reasons why the engine cannot be asked anything. */
const enginesAway: ReadonlySet<string> = new Set(["EngineUnreachable", "EngineAccessDenied"])

const nothingDeclared: Report = { _tag: "NothingDeclared" }
const leftDown: Report = { _tag: "LeftDown" }
const gaveWay: Report = { _tag: "GaveWay" }
