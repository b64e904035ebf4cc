import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Ref from "effect/Ref"
import * as Scope from "effect/Scope"
import { decodeDeclaration } from "../declaration/Declaration.ts"
import type { Workload } from "../workload/Workload.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { ImageInspection } from "../vm/engine/Inspection.ts"
import { type Aftermath, type NextTry } from "../progress/Aftermath.ts"
import { aftermathOf } from "./aftermathOf.ts"
import { apply } from "../apply/apply.ts"
import { cachedWarning, isPassing } from "./cachedImage.ts"
import { attempt } from "../timing/Deadlines.ts"
import { forgetFailedStart, holdBack, rememberFailedStart } from "./FailedStart.ts"
import { greet } from "./greet.ts"
import { hidingValues } from "../apply/hiddenValues.ts"
import { type ImagePull, makeImagePull } from "../apply/ImagePull.ts"
import { keepLastGood } from "./lastGood.ts"
import { asHeld, type ImageObservation, isImagePresent, isLost, type Observation } from "../observation/Observation.ts"
import { makeReached, observe, observeHeld, observeImage } from "../observation/observe.ts"
import { oneAtATime } from "./oneAtATime.ts"
import { engineName } from "../observation/Ownership.ts"
import { describePlan } from "../plan/describe.ts"
import { type Plan, plan } from "../plan/Plan.ts"
import { tell } from "../progress/Progress.ts"
import { type Declared, isSameText, lastGoodNotice, readDeclaration, rereadDeclaration } from "./readDeclaration.ts"
import { isBeforeTheVm, recover, recoverUndeclared } from "./recover.ts"
import { makeRegistryToken, type RegistryToken } from "../observation/RegistryToken.ts"
import type { Report } from "./Report.ts"
import { retireNeverUp, retireSuperseded } from "./retireImages.ts"
import type { Settings } from "./Settings.ts"
import { isNoSpace, tellSpaceLeft } from "./spaceLeft.ts"
import { stopwatch } from "../timing/stopwatch.ts"

/**
 * Gets the VM to match its declaration: declaration → workload → observation → plan → apply → report.
 *
 * Reading and checking change nothing; all problems of a declaration come as one `DeclarationInvalid`, and whatever the
 * VM itself stands in the way with as one `PlanRefused`, both before the first change. If a later step fails, what had
 * been begun is taken back and the container that ran before runs again.
 */
export const startup = Effect.fn("startup")(function* (settings: Settings) {
  const aftermath = yield* Ref.make(Option.none<Aftermath>())
  const run = Effect.gen(function* () {
    const reached = yield* makeReached
    // An engine that comes up late is waited for beside metadata.
    yield* Effect.forkScoped(Effect.ignore(reached))
    const declared = yield* readDeclaration(settings)
    if (Option.isNone(declared)) return nothingDeclared
    const first = yield* begin(declared.value, settings, reached)
    // What was read before another run was waited for may have been replaced meanwhile.
    const current = (yield* oneAtATime(first.name)) ? yield* renewed(first, settings, reached) : Option.some(first)
    if (Option.isNone(current)) return nothingDeclared
    const { workload } = current.value
    return yield* hidingValues(workload)(carryOut(current.value, settings, reached, aftermath))
  }).pipe(
    Effect.scoped,
    Effect.tap(({ _tag }) => (_tag === "NothingDeclared" ? recoverUndeclared(settings.mountRoot) : Effect.void)),
    Effect.tapError((error) => (isBeforeTheVm(error) ? recoverUndeclared(settings.mountRoot) : Effect.void))
  )
  return yield* settings.showWelcome ? greet(run, Ref.get(aftermath)) : run
})

/** What `startup` would do, and why. Changes nothing. `none` where nothing is declared. */
export const preview = Effect.fn("preview")(function* (settings: Settings) {
  const declared = yield* readDeclaration(settings)
  if (Option.isNone(declared)) return Option.none<Plan>()
  const { workload, name, token } = yield* prepare(declared.value, settings)
  const reached = yield* makeReached
  const image = askForImage(workload, reached, token)
  const observation = yield* hidingValues(workload)(observe(workload, settings, declared.value.source, reached, image))
  const planned = yield* Effect.fromResult(plan(workload, observation, name, settings))
  // What `up` would not do yet is planned all the same, with a word about it.
  const notYet = settings.retry
    ? []
    : yield* Effect.match(holdBack(planned, observation), {
        onSuccess: () => [],
        onFailure: (error) => [`this would not be done now: ${error.message}`]
      })
  return Option.some<Plan>({ ...planned, warnings: [...planned.warnings, ...notYet] })
})

type Reached = Effect.Success<typeof makeReached>

/** A run that knows what is declared, and is asking for the image. */
interface Begun extends Effect.Success<ReturnType<typeof prepare>> {
  readonly declared: Declared
  readonly pull: ImagePull
  readonly image: Effect.Effect<ImageObservation, Effect.Error<ReturnType<typeof askForImage>>>
  /** Ends the question, and the pull, for what is not wanted any more. */
  readonly end: Effect.Effect<void>
}

/** To ask for an image changes nothing: it need not wait for another run. */
const begin = Effect.fnUntraced(function* (declared: Declared, settings: Settings, reached: Reached) {
  const prepared = yield* prepare(declared, settings)
  const { workload, token } = prepared
  const scope = yield* Scope.fork(yield* Effect.scope)
  const image = Fiber.join(yield* Effect.forkIn(askForImage(workload, reached, token), scope))
  const pull = yield* Scope.provide(makeImagePull(workload.containers[0].image, token, image), scope)
  const begun: Begun = {
    ...prepared,
    declared,
    pull,
    image,
    end: Scope.close(scope, Exit.void)
  }
  return begun
})

/** The run for what is declared by now; `none` where nothing is any more. */
const renewed = Effect.fnUntraced(function* (first: Begun, settings: Settings, reached: Reached) {
  const declared = yield* rereadDeclaration(first.declared, settings)
  if (Option.isSome(declared) && isSameText(declared.value.text, first.declared.text)) return Option.some(first)
  yield* first.end
  yield* tell({ _tag: "Warning", text: "the declaration was replaced while another run was under way" })
  return Option.isNone(declared) ? Option.none<Begun>() : Option.some(yield* begin(declared.value, settings, reached))
})

const carryOut = Effect.fnUntraced(function* (
  { declared, workload, warnings, name, pull, image }: Begun,
  settings: Settings,
  reached: Reached,
  aftermath: Ref.Ref<Option.Option<Aftermath>>
) {
  const sinceBegan = yield* stopwatch
  let nextTry: NextTry | undefined
  // What is pulled is noted, by one run at a time.
  yield* Effect.forkScoped(Effect.flatMap(image, (image) => (isImagePresent(image) ? Effect.void : pull.begin)))
  const look = <E, R>(image: Effect.Effect<ImageObservation, E, R>) =>
    observe(workload, settings, declared.source, reached, image)
  const warned = new Set<string>()
  const matchOnce = Effect.fnUntraced(function* (observed: Observation) {
    let observation = observed
    for (;;) {
      const planned = yield* Effect.fromResult(plan(workload, observation, name, settings))
      if (!settings.retry) yield* holdBack(planned, observation)
      for (const text of planned.warnings) if (!warned.has(text)) yield* tell({ _tag: "Warning", text })
      for (const text of planned.warnings) warned.add(text)
      yield* tell({ _tag: "Planned", plan: describePlan(planned) })
      const { unusableNames } = observation
      const applied = yield* apply(planned, pull, observation.mountRoot).pipe(
        Effect.asSome,
        Effect.catchTag("ApplyFailed", ({ error, isRolledBack }) =>
          Effect.gen(function* () {
            if (error._tag === "ContainerNameInUse" && !unusableNames.includes(error.name)) return Option.none()
            if (isRolledBack) nextTry = yield* rememberFailedStart(planned, observation, error)
            return yield* error
          })
        )
      )
      if (Option.isSome(applied)) return { plan: planned, observation, ...applied.value }
      // What was begun has been taken back: the same once more, under another name.
      const again = yield* look(Effect.succeed(observation.image))
      observation = { ...again, unusableNames: [...unusableNames, planned.name] }
    }
  })
  /** Where only the pull could show which image the reference stands for, it is looked at then what that means. */
  const match = Effect.fnUntraced(function* (observation: Observation) {
    const first = yield* matchOnce(observation)
    if (!first.plan.provisional) return first
    const second = yield* matchOnce(yield* look(observeHeld(workload.containers[0].image)))
    return {
      ...second,
      steps: [...first.steps, ...second.steps],
      warnings: [...first.warnings, ...second.warnings]
    }
  })

  /** The same once more, with what the engine holds taken for what is wanted. */
  const fromCache = Effect.fnUntraced(function* (local: ImageInspection, cause: string) {
    const text = yield* cachedWarning(workload.containers[0].image, local, cause)
    yield* tell({ _tag: "Warning", text })
    const done = yield* match(yield* look(Effect.succeed(asHeld(local))))
    return { ...done, degraded: [text] }
  })

  const matching = Effect.gen(function* () {
    yield* reached
    yield* recover(workload.containers[0].name, name, settings.mountRoot)
    const observation = yield* look(image)
    return yield* match(observation).pipe(
      Effect.map((done) => ({ ...done, degraded: [] as ReadonlyArray<string> })),
      Effect.tapError((error) =>
        pull.hasFailedWith(error) && isNoSpace(error)
          ? tellSpaceLeft(error.reason, [...observation.containers, ...observation.lost])
          : Effect.void
      ),
      Effect.catch((error) => {
        const { local } = observation.image
        const isUsable = settings.pullFallback === "cached" && pull.hasFailedWith(error) && isPassing(error)
        return isUsable && Option.isSome(local) ? fromCache(local.value, error.message) : Effect.fail(error)
      })
    )
  })
  const matched = yield* Effect.tapError(matching, (error) =>
    // Whoever is held back says so itself; an engine that is not there cannot be asked what runs.
    error._tag === "StartHeldBack" || (error._tag === "DockerError" && enginesAway.has(error.reason._tag))
      ? Effect.void
      : Effect.gen(function* () {
          const left = yield* aftermathOf(workload, name, nextTry)
          yield* Ref.set(aftermath, left)
          if (Option.isSome(left)) yield* tell({ _tag: "Failed", aftermath: left.value })
          yield* retireNeverUp(workload.containers[0].image)
        })
  )
  const { wanted } = matched.observation.image
  const [found] = yield* Effect.all(
    [
      lastLook(matched.plan),
      declared.source === "metadata" ? keepLastGood(declared.text) : Effect.void,
      // Where metadata is away, what it declared last may well be what failed.
      declared.source === "last good" ? Effect.void : forgetFailedStart
    ],
    { concurrency: 3 }
  )
  if (Option.isSome(found.container)) {
    yield* retireSuperseded(found.container.value.imageId, matched.observation.containers)
  }
  const report: Report = {
    _tag: "Running",
    name: matched.plan.name,
    kept: Option.isSome(matched.plan.kept),
    ...found,
    image: workload.containers[0].image.text,
    digest: Option.fromUndefinedOr(wanted._tag === "Unknown" ? undefined : wanted.digest),
    degraded: [...(declared.source === "last good" ? [lastGoodNotice] : []), ...matched.degraded],
    warnings: [...warnings, ...matched.plan.warnings, ...matched.warnings],
    steps: matched.steps,
    took: yield* sinceBegan
  }
  return report
})

/** What is declared has come up: that it cannot be inspected once more takes nothing from that. */
const lastLook = Effect.fnUntraced(function* ({ name, kept }: Plan) {
  const docker = yield* DockerClient
  type Found = Pick<Extract<Report, { readonly _tag: "Running" }>, "container" | "status">
  const lost = Option.filter(kept, isLost)
  if (Option.isSome(lost)) return { container: Option.none(), status: lost.value.status } satisfies Found
  return yield* docker.inspectContainer(name).pipe(
    attempt("INSPECT", `inspect container ${name}`),
    Effect.match({
      onFailure: (): Found => ({ container: Option.none(), status: "unknown" }),
      onSuccess: (container): Found => ({
        container,
        status: Option.match(container, { onNone: () => "gone", onSome: ({ status }) => status })
      })
    })
  )
})

/** What the engine holds of the workload's image, and what its registry says, once both can be asked. */
const askForImage = (
  { containers: [container] }: Workload,
  reached: Effect.Success<typeof makeReached>,
  token: RegistryToken
) => Effect.andThen(Effect.all([reached, token.shown], { concurrency: 2 }), observeImage(container.image, token))

/**
 * Checks the declaration, under the host's policy wherever it came from, and works out, without touching the VM, what a
 * run needs to know.
 */
const prepare = Effect.fnUntraced(function* (declared: Declared, settings: Settings) {
  const decoded = decodeDeclaration(declared.text, Option.getOrUndefined(settings.policy))
  const { workload, warnings: found } = yield* Effect.fromResult(decoded)
  const { notice } = declared.text
  const warnings = [
    ...(notice === undefined ? [] : [notice]),
    ...found.map(({ file, line, column, message, advice }) => `${file}:${line}:${column}: ${message}. ${advice}`)
  ]
  for (const text of warnings) yield* tell({ _tag: "Warning", text })
  return {
    workload,
    warnings,
    name: yield* engineName(workload.containers[0].name),
    token: yield* makeRegistryToken(workload.containers[0].image, settings, declared.source)
  }
})

/** Reasons for which the engine can be asked nothing. */
const enginesAway: ReadonlySet<string> = new Set(["EngineUnreachable", "EngineAccessDenied"])

const nothingDeclared: Report = { _tag: "NothingDeclared" }
