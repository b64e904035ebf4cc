import * as Deferred from "effect/Deferred"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import { Supervision } from "../observation/Supervision.ts"
import type { Aftermath } from "../progress/Aftermath.ts"
import { amendStatus } from "../record/amendStatus.ts"
import { lastGoodRuns, type RunningWorkload } from "../startup/lastGoodRuns.ts"
import type { Report } from "../startup/Report.ts"
import type { Settings } from "../startup/Settings.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { sha256 } from "../vm/host/sha256.ts"
import { publishStatus } from "../record/publishStatus.ts"
import { jittered } from "../timing/backOff.ts"
import { monotonicMillis, stopwatch } from "../timing/stopwatch.ts"
import { DeadlineWatch } from "../startup/withinDeadline.ts"
import type { DeclarationText } from "../workload/DeclarationText.ts"
import type { AgentOptions } from "./AgentOptions.ts"
import { makeDeadlineWatch } from "./deadlineWatch.ts"
import { makeEngineAbsence } from "./engineAbsence.ts"
import { makeEngineNews } from "./engineNews.ts"
import { makeKnownDeclaration } from "./knownDeclaration.ts"
import { type Asked, type Look, makeLook } from "./look.ts"
import type { Looked, LookError } from "./Looked.ts"
import { type Ending, nextLook, type NextLook, soonest, stillNext } from "./nextLook.ts"
import { makeNotices, type Notices } from "./notices.ts"
import { followsTags, isOfEngine, isRemoval, moreUrgent, type Occasion } from "./Occasion.ts"
import { makeSupervisor } from "./supervisor.ts"
import { untilVmEnds } from "./untilVmEnds.ts"
import { watchDeclaration } from "./watchDeclaration.ts"

/**
 * Runs `startup` at once, and again whenever the declaration changes, something happens to its containers or to the
 * engine, somebody asks for it, a back-off after a failure has passed, or five minutes have. What `down` has stopped
 * stays down until a changed declaration, or somebody, asks for it. The newest declaration wins: a run that has not
 * begun to stop anything is interrupted for it. Never fails, and never ends by itself; interrupting it leaves the
 * containers running. On a VM that the cloud takes back it stops them in time, and does nothing more. Needs the
 * `VmServices`.
 */
export const agent = Effect.fnUntraced(function* (settings: Settings, options: AgentOptions = {}) {
  yield* Effect.ignore(agentUntil(Effect.never, settings, options))
  return yield* Effect.never
})

/**
 * The same until the process is asked to end, as by SIGTERM. If it is the whole machine that goes down, the containers
 * are stopped first, which may fail as `down` does; if not, they run on. Gives what it came to, an `Ended`.
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
  const known = makeKnownDeclaration()
  yield* Effect.forkScoped(watchDeclaration(settings, options, occasions, begun, known))
  // What changes after this is seen, so a declaration that is read now is not missed.
  yield* Deferred.await(begun)
  const absence = yield* makeEngineAbsence(notices)
  const news = yield* makeEngineNews((occasion) => Effect.asVoid(Queue.offer(occasions, occasion)), absence)
  yield* news.begun
  const supervisor = yield* makeSupervisor(settings.mountRoot)
  const deadline = yield* makeDeadlineWatch(Effect.asVoid(Queue.offer(occasions, { _tag: "DeadlineOver" })))
  const look = yield* makeLook(settings, occasions, notices, news, known)
  /** That somebody has asked for a look, and none has seen the VM since. */
  let asked: Asked | undefined
  let before: { readonly next: NextLook; readonly passed: Effect.Effect<Duration.Duration> } | undefined
  let occasion: Occasion = { _tag: "Began" }
  let failures = 0
  /** How many looks in a row have read another declaration than the watch was told of. */
  let outdated = 0
  /** Whether it is known what there is to be looked after. */
  let isFollowing = false
  let followed = yield* stopwatch
  let interval = options.followTagsEvery
  /** Whether a look that was to follow tags has failed before it came to the VM, and none has followed them since. */
  let owesTags = false
  for (;;) {
    if (occasion._tag === "DeclarationChanged") failures = 0
    // What metadata tells once it is back counts as a change, but asks for nothing unless it is another declaration.
    if (occasion._tag === "Asked") asked = { endsDown: true, askedAt: yield* monotonicMillis }
    else if (occasion._tag === "DeclarationChanged") {
      asked ??= { endsDown: "changed", askedAt: yield* monotonicMillis }
    }
    if (followsTags(occasion) && options.followTagsEvery !== undefined) {
      followed = yield* stopwatch
      interval = jittered(options.followTagsEvery, yield* Random.next)
    }
    if (occasion._tag === "DeclarationChanged") yield* supervisor.takeOver
    yield* notices.looking(occasion)
    const looked: Look = yield* look(occasion, asked).pipe(
      Effect.provideService(Supervision, supervisor.supervised),
      Effect.provideService(DeadlineWatch, deadline)
    )
    const { result, aftermath, settled, read, hasObserved } = looked
    if (hasObserved) asked = undefined
    const waiting = yield* mostUrgent(looked.waiting, occasions)
    if (Option.isSome(result)) {
      const runs = yield* whatRuns(result.value, settled, settings, isFollowing)
      if (Option.isSome(runs)) {
        isFollowing = true
        // What it does with them is the agent's own, which causes no look.
        yield* Effect.provideService(
          supervisor.follow(runs.value, occasion._tag === "Asked"),
          DockerClient,
          news.docker
        )
      }
      // What happens to containers does not put off what is to be retried.
      const still =
        isOfEngine(occasion) && before !== undefined ? stillNext(before.next, yield* before.passed) : undefined
      if (Result.isFailure(result.value)) failures += still === undefined ? 1 : 0
      // What is stopped for a while is as it is to be, which does not say that it works by now.
      else if (!(yield* supervisor.isPausing)) failures = 0
      if (followsTags(occasion)) owesTags = Result.isFailure(result.value) && !hasObserved
      const tagsDue = owesTags
        ? Duration.zero
        : interval === undefined
          ? undefined
          : Duration.subtract(interval, yield* followed)
      const told = known.lastTold()
      const isOutdated = told !== undefined && isOther(told.text, read, result.value)
      outdated = isOutdated ? outdated + 1 : 0
      const ending = endingOf(result.value, failures, aftermath, {
        outdated,
        isOutdated: isOutdated || known.hasLastGood()
      })
      const next = nextLook(ending, yield* Random.next, { tagsDue, still })
      before = { next, passed: yield* stopwatch }
      const said: Looked = {
        occasion,
        result: result.value,
        aftermath,
        isSettled: Option.isSome(settled),
        next: soonest(next, waiting, yield* news.stirredAfter)
      }
      if (options.onLooked !== undefined) yield* options.onLooked(said)
      yield* notices.looked(said)
      if (Result.isFailure(result.value)) yield* showNext(said.next)
      occasion = yield* nextOccasion(occasions, next, waiting, seesContainers(result.value, settled))
    } else {
      occasion = waiting ?? { _tag: "DeclarationChanged" }
    }
  }
}, Effect.scoped)

/** That the status cannot tell it keeps nothing from being tried. */
const showNext = (next: NextLook) =>
  Effect.gen(function* () {
    const now = yield* DateTime.now
    const nextLook = next === "when something changes" ? null : DateTime.addDuration(now, next.after)
    yield* amendStatus((status) => ({ ...status, nextLook }))
  }).pipe(Effect.ignore)

/** What waits to be looked at, of what has come during the last look and since then. */
const mostUrgent = (
  during: Occasion | undefined,
  since: Queue.Dequeue<Occasion>
): Effect.Effect<Occasion | undefined> =>
  Effect.map(Queue.clear(since), (all) =>
    all.reduce((one: Occasion | undefined, other) => (one === undefined ? other : moreUrgent(one, other)), during)
  )

/** What is to be looked after from now on. A declaration that has not come up is no reason to leave alone what runs. */
const whatRuns = Effect.fnUntraced(function* (
  result: Result.Result<Report, LookError>,
  settled: Look["settled"],
  settings: Settings,
  isFollowing: boolean
) {
  if (Option.isSome(settled)) return settled
  if (Result.isFailure(result)) return isFollowing ? Option.none<RunningWorkload>() : yield* lastGoodRuns(settings)
  return Option.none<RunningWorkload>()
})

/** Whether a look has found another declaration than this, or none. */
const isOther = (
  text: DeclarationText["text"],
  read: string | undefined,
  result: Result.Result<Report, LookError>
): boolean =>
  read === undefined ? Result.isSuccess(result) && result.success._tag === "NothingDeclared" : read !== sha256(text)

const endingOf = (
  result: Result.Result<Report, LookError>,
  failures: number,
  aftermath: Option.Option<Aftermath>,
  { outdated, isOutdated }: { readonly outdated: number; readonly isOutdated: boolean }
): Ending =>
  Result.match(result, {
    onSuccess: ({ _tag }): Ending => (_tag === "GaveWay" ? { _tag } : { _tag: "Matched", outdated }),
    onFailure: (error): Ending => ({
      _tag: "Failed",
      error,
      failures,
      isOutdated,
      nextTry: error._tag === "StartHeldBack" ? error.next : Option.getOrUndefined(aftermath)?.nextTry
    })
  })

/**
 * What happens to containers that is to be looked at where the last look came to something that cannot work. Who has
 * retried a Pod whose time was over, or a job that had failed, with `up --retry`, leaves it to the agent again; and what
 * runs beside such a job is looked after. The job itself would be run again by who looks for it after it was removed.
 */
const seesContainers =
  (result: Result.Result<Report, LookError>, settled: Look["settled"]) =>
  (occasion: Occasion): boolean => {
    if (Result.isSuccess(result)) return false
    const { _tag } = result.failure
    if (_tag === "DeadlineExceeded" || Option.exists(settled, ({ containers }) => containers.length > 1)) return true
    return _tag === "JobFailed" && !isRemoval(occasion)
  }

/** What comes first. What cannot work is not helped by what happens to containers, but for what `seesContainers` says. */
const nextOccasion = (
  occasions: Queue.Dequeue<Occasion>,
  next: NextLook,
  waiting: Occasion | undefined,
  seesContainers: (occasion: Occasion) => boolean
): Effect.Effect<Occasion> =>
  Effect.gen(function* () {
    if (next === "when something changes") {
      let occasion = waiting ?? (yield* Queue.take(occasions))
      while (isOfEngine(occasion) && !seesContainers(occasion)) occasion = yield* Queue.take(occasions)
      return occasion
    }
    if (waiting !== undefined) return waiting
    return yield* Effect.timeoutOrElse(Queue.take(occasions), {
      duration: next.after,
      orElse: () => Effect.succeed(next.occasion)
    })
  })
