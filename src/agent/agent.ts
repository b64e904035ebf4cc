import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import { Supervision } from "../observation/Supervision.ts"
import type { Aftermath } from "../progress/Aftermath.ts"
import { Progress, type ProgressEvent, tell } from "../progress/Progress.ts"
import { Decoding, rememberingLast } from "../startup/Decoding.ts"
import type { Report } from "../startup/Report.ts"
import type { Settings } from "../startup/Settings.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { sha256 } from "../vm/host/sha256.ts"
import type { MetadataProvider } from "../vm/metadata/MetadataProvider.ts"
import { Interruption } from "../startup/Interruption.ts"
import { startup } from "../startup/startup.ts"
import { type DeclarationText, textOf } from "../workload/DeclarationText.ts"
import { publishStatus } from "../record/publishStatus.ts"
import { jittered } from "../timing/backOff.ts"
import { stopwatch } from "../timing/stopwatch.ts"
import { makeEngineNews } from "./engineNews.ts"
import type { Looked, LookError } from "./Looked.ts"
import { type Ending, nextLook, type NextLook, stillNext } from "./nextLook.ts"
import { makeNotices, type Notices } from "./notices.ts"
import { announcement, followsTags, isAskedFor, isOfEngine, moreUrgent, type Occasion } from "./Occasion.ts"
import { makeSupervisor } from "./supervisor.ts"
import { untilVmEnds } from "./untilVmEnds.ts"
import { watchMetadata } from "./watchMetadata.ts"

export interface AgentOptions {
  /** Emits when the file that the declaration is read from may have changed. */
  readonly fileChanges?: Stream.Stream<void>
  /** Emits when somebody wants the VM looked at now. */
  readonly asked?: Stream.Stream<void>
  /** How often the registries are asked what the declared tags stand for, besides with each change; absent: never. */
  readonly followTagsEvery?: Duration.Duration
  readonly onLooked?: (looked: Looked) => Effect.Effect<void>
}

/** Several changes in a row are one: it is waited until nothing has changed for so long. */
const quiet = Duration.seconds(1)

/** Steps from the first of which on a run goes to its end, or back. */
const switching: ReadonlySet<string> = new Set(["SetAside", "Stop", "Unmount"])

/**
 * Runs `startup` at once, and again whenever the declaration changes, something happens to its containers or to the engine,
 * somebody asks for it, a back-off after a failure has passed, or five minutes have. What `down` has stopped stays down until a
 * changed declaration, or somebody, asks for it. The newest declaration wins: a run that has not begun to stop anything is interrupted for it. Never
 * fails, and never ends by itself; interrupting it leaves the containers running. On a VM that the cloud takes back it stops
 * them in time, and does nothing more.
 */
export const agent = Effect.fnUntraced(function* (settings: Settings, options: AgentOptions = {}) {
  yield* Effect.ignore(agentUntil(Effect.never, settings, options))
  return yield* Effect.never
})

/**
 * The same until the process is asked to end, as by SIGTERM. If it is the whole machine that goes down, the containers are
 * stopped first, which may fail; if not, they run on.
 */
export const agentUntil = Effect.fnUntraced(function* (
  terminated: Effect.Effect<void>,
  settings: Settings,
  options: AgentOptions = {}
) {
  const notices = yield* makeNotices(settings)
  return yield* untilVmEnds(live(settings, options, notices), settings, terminated, notices)
}, Effect.scoped)

const live = Effect.fnUntraced(function* (settings: Settings, options: AgentOptions, notices: Notices) {
  const occasions = yield* Queue.unbounded<Occasion>()
  yield* Effect.forkScoped(publishStatus)
  const begun = yield* Deferred.make<void>()
  /** What metadata has told whoever watches it. */
  let watched: DeclarationText | undefined
  const onTold = (declaration: Option.Option<DeclarationText>) => void (watched = Option.getOrUndefined(declaration))
  yield* Effect.forkScoped(watch(settings, options, occasions, begun, onTold))
  // What changes after this is seen, so a declaration that is read now is not missed.
  yield* Deferred.await(begun)
  const news = yield* makeEngineNews((occasion) => Effect.asVoid(Queue.offer(occasions, occasion)))
  yield* news.begun
  const supervisor = yield* Effect.provideService(makeSupervisor(settings.mountRoot), DockerClient, news.docker)
  const look = yield* makeLook(settings, occasions, notices, news)
  /** Whether somebody has asked for a look, and none has seen the VM since. */
  let isAsked = false
  let before: { readonly next: NextLook; readonly passed: Effect.Effect<Duration.Duration> } | undefined
  let occasion: Occasion = { _tag: "Began" }
  let failures = 0
  let followed = yield* stopwatch
  let interval = options.followTagsEvery
  for (;;) {
    if (occasion._tag === "DeclarationChanged") failures = 0
    isAsked ||= isAskedFor(occasion)
    if (followsTags(occasion) && options.followTagsEvery !== undefined) {
      followed = yield* stopwatch
      interval = jittered(options.followTagsEvery, yield* Random.next)
    }
    yield* notices.looking(occasion)
    const { result, aftermath, read, waiting, hasObserved }: Look = yield* look(occasion, isAsked).pipe(
      Effect.provideService(Supervision, supervisor.supervised)
    )
    if (hasObserved) isAsked = false
    if (Option.isSome(result)) {
      if (Result.isSuccess(result.value)) yield* supervisor.follow(result.value.success)
      // What happens to containers does not put off what is to be retried.
      const still =
        isOfEngine(occasion) && before !== undefined ? stillNext(before.next, yield* before.passed) : undefined
      failures = Result.isSuccess(result.value) ? 0 : still === undefined ? failures + 1 : failures
      const tagsDue = interval === undefined ? undefined : Duration.subtract(interval, yield* followed)
      const isOutdated = watched !== undefined && read !== undefined && read !== sha256(watched.text)
      const ending = endingOf(result.value, failures, aftermath, isOutdated)
      const next = nextLook(ending, yield* Random.next, { tagsDue, still })
      before = { next, passed: yield* stopwatch }
      const looked: Looked = { occasion, result: result.value, aftermath, next }
      if (options.onLooked !== undefined) yield* options.onLooked(looked)
      yield* notices.looked(looked)
      occasion = yield* nextOccasion(occasions, next, waiting)
    } else {
      occasion = waiting ?? { _tag: "DeclarationChanged" }
    }
  }
}, Effect.scoped)

const endingOf = (
  result: Result.Result<Report, LookError>,
  failures: number,
  aftermath: Option.Option<Aftermath>,
  isOutdated: boolean
): Ending =>
  Result.match(result, {
    onSuccess: (): Ending => ({ _tag: "Matched" }),
    onFailure: (error): Ending => ({
      _tag: "Failed",
      error,
      failures,
      isOutdated,
      nextTry: error._tag === "StartHeldBack" ? error.next : Option.getOrUndefined(aftermath)?.nextTry
    })
  })

/** What comes first. What cannot work is not helped by what happens to containers. */
const nextOccasion = (
  occasions: Queue.Dequeue<Occasion>,
  next: NextLook,
  waiting: Occasion | undefined
): Effect.Effect<Occasion> =>
  Effect.gen(function* () {
    if (next === "when something changes") {
      let occasion = waiting ?? (yield* Queue.take(occasions))
      while (isOfEngine(occasion)) occasion = yield* Queue.take(occasions)
      return occasion
    }
    if (waiting !== undefined) return waiting
    return yield* Effect.timeoutOrElse(Queue.take(occasions), {
      duration: next.after,
      orElse: () => Effect.succeed(next.occasion)
    })
  })

/** Puts into the queue what is worth a look. */
const watch = Effect.fnUntraced(function* (
  { declaration, rereadDeclaration }: Settings,
  { fileChanges = Stream.never, asked = Stream.never }: AgentOptions,
  occasions: Queue.Enqueue<Occasion>,
  begun: Deferred.Deferred<void>,
  onTold: (declaration: Option.Option<DeclarationText>) => void
) {
  const offer = (occasion: Occasion) => Effect.asVoid(Queue.offer(occasions, occasion))
  const isInMetadata = Option.isNone(declaration)
  if (!isInMetadata) yield* Deferred.succeed(begun, undefined)
  const changes = isInMetadata
    ? Stream.callback<void, never, MetadataProvider>((changed) =>
        watchMetadata(Effect.asVoid(Queue.offer(changed, undefined)), begun, onTold)
      )
    : fileChanges
  let known = Option.map(declaration, textOf)
  const isOther = Effect.fnUntraced(function* () {
    if (rereadDeclaration === undefined) return isInMetadata
    const found = Option.map(yield* Effect.option(rereadDeclaration), textOf)
    const isSame = Option.isSome(known) ? Option.contains(found, known.value) : Option.isNone(found)
    known = found
    return !isSame
  })
  yield* Effect.all(
    [
      Stream.runForEach(Stream.filterEffect(Stream.debounce(changes, quiet), isOther), () =>
        offer({ _tag: "DeclarationChanged" })
      ),
      Stream.runForEach(asked, () => offer({ _tag: "Asked" }))
    ],
    { concurrency: 2, discard: true }
  )
})

/** A look, and what was put into the queue meanwhile. */
interface Look {
  /** `none`: it was interrupted for a newer declaration. */
  readonly result: Option.Option<Result.Result<Report, LookError>>
  readonly aftermath: Option.Option<Aftermath>
  /** The SHA-256 of the declaration that it read; undefined if it read none. */
  readonly read: string | undefined
  readonly waiting: Occasion | undefined
  /** It has come to the VM. */
  readonly hasObserved: boolean
}

const makeLook = Effect.fnUntraced(function* (
  settings: Settings,
  occasions: Queue.Dequeue<Occasion>,
  notices: Notices,
  news: Pick<Effect.Success<ReturnType<typeof makeEngineNews>>, "docker" | "during">
) {
  const progress = yield* Progress
  const decode = rememberingLast()
  /** What was said since the declaration changed, and is not said again with each look. */
  const said = new Set<string>()

  return Effect.fnUntraced(function* (occasion: Occasion, endsDown: boolean) {
    if (occasion._tag === "DeclarationChanged") said.clear()
    let isSwitching = false
    let hasObserved = false
    let isSuperseded = false
    let aftermath = Option.none<Aftermath>()
    let read: string | undefined
    let waiting: Occasion | undefined
    const onEvent = (event: ProgressEvent): Effect.Effect<void> => {
      if (event._tag === "StepStarted" && switching.has(event.step.kind)) isSwitching = true
      if (event._tag === "Declared") read = event.declaration.sha256
      if (event._tag === "Observed") hasObserved = true
      if (event._tag === "Failed") aftermath = Option.some(event.aftermath)
      if (event._tag === "Warning" || event._tag === "Notice") {
        if (said.has(event.text)) return Effect.void
        said.add(event.text)
      }
      return Effect.andThen(notices.moved, progress(event))
    }
    const newer = Effect.gen(function* () {
      for (;;) {
        const next = yield* Queue.take(occasions)
        waiting = waiting === undefined ? next : moreUrgent(waiting, next)
        if (waiting._tag !== "DeclarationChanged" || isSwitching) continue
        isSuperseded = true
        return
      }
    })
    const begins = announcement(occasion)
    if (begins !== undefined) yield* tell(begins)
    const run = Effect.flatMap(current({ ...settings, endsDown }, occasion), startup).pipe(
      news.during,
      Effect.provideService(DockerClient, news.docker),
      Effect.provideService(Progress, onEvent),
      Effect.provideService(Decoding, decode),
      Effect.provideService(Interruption, () => (isSuperseded ? "superseded" : "stopped")),
      Effect.result,
      Effect.asSome
    )
    const result = yield* Effect.raceFirst(run, Effect.as(newer, Option.none<Result.Result<Report, LookError>>()))
    const looked: Look = { result, aftermath, read, waiting, hasObserved }
    return looked
  })
})

/** The settings of one look: the declaration as the file has it by now. */
const current = Effect.fnUntraced(function* (settings: Settings, occasion: Occasion) {
  const { declaration, rereadDeclaration } = settings
  const isRead = occasion._tag === "Began" || rereadDeclaration === undefined
  const look: Settings = {
    ...settings,
    followTags: followsTags(occasion),
    declaration: isRead ? declaration : Option.some(yield* rereadDeclaration)
  }
  return look
})
