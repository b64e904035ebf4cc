import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { isToBeStopped, observeDown } from "../observation/observeDown.ts"
import { tell } from "../progress/Progress.ts"
import type { DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import { findLastGoodOf, findRunsOf, isAnyUp } from "./lastGoodRuns.ts"
import { findPodDeadlines, identityOf, timeLeft } from "./PodDeadline.ts"
import type { Settings } from "./Settings.ts"
import { activeNow, DeadlineWatch, stopForGood } from "./withinDeadline.ts"

/** What could not be found out is looked at again after this: nothing else may give an occasion. */
const untilRetried = Duration.minutes(1)

/**
 * Keeps the `activeDeadlineSeconds` of the last good declaration, for a run that fails with the present one, or finds
 * nothing declared: what came up before may run all the same. Once they are over it is stopped for good, with a
 * warning; `locked` takes the lock for that, where the run does not have it. `declared` is what the run has read, if it
 * is of use. Nothing that fails here changes the run's outcome.
 */
export const keepLastGoodDeadline = Effect.fn("keepLastGoodDeadline")(
  function* <E extends { readonly message: string }, R>(
    settings: Settings,
    locked: Effect.Effect<unknown, E, R>,
    declared?: DeclaredWorkload
  ) {
    const good = yield* findLastGoodOf(settings)
    const seconds = Option.getOrUndefined(good)?.workload.activeDeadlineSeconds
    if (Option.isNone(good) || seconds === undefined) return
    const known = yield* findPodDeadlines
    const { present, last, active } = yield* activeNow(good.value, seconds, "none", known)
    if (last !== active) return
    const left = timeLeft(active, present)
    if (active.exceeded === null && Duration.isPositive(left)) return yield* (yield* DeadlineWatch)(left)
    const look = observeDown(settings.mountRoot, false)
    if (!isToBeStopped(yield* look)) return
    yield* locked
    const found = yield* look
    const runs = yield* findRunsOf(good.value, settings)
    if (!Option.exists(runs, isAnyUp(found.restarting ?? []))) return
    const gaveWay = declared !== undefined && identityOf(declared) !== present.pod
    const stopped = stopForGood(active, { present, known, found, gaveWay })
    const error = yield* Effect.flip(stopped)
    const said =
      error._tag === "DeadlineExceeded" ? error.message.replace(/^the Pod/, "the Pod that came up last") : error.message
    yield* tell({ _tag: "Warning", text: said })
  },
  Effect.scoped,
  Effect.catch((error) =>
    Effect.andThen(
      tell({ _tag: "Warning", text: `whether the Pod that came up last may run on is not known: ${error.message}` }),
      Effect.flatMap(DeadlineWatch, (watch) => watch(untilRetried))
    )
  )
)
