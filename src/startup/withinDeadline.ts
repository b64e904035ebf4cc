import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { readRecord } from "../observation/ContainerRecord.ts"
import { isActive } from "../observation/Observation.ts"
import { type DownObservation, observeDown } from "../observation/observeDown.ts"
import { containerLabel } from "../observation/Ownership.ts"
import { textOf } from "../workload/DeclarationText.ts"
import type { DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import { DeadlineExceeded } from "./DeadlineExceeded.ts"
import { stopFound } from "./down.ts"
import { isWhole, lastGoodOf, runsOf } from "./lastGoodRuns.ts"
import {
  activeSince,
  withBefore,
  deadlineOf,
  forgetPodDeadlines,
  identityOf,
  type PodDeadline,
  type PodDeadlines,
  presentPod,
  type PresentPod,
  readPodDeadlines,
  timeLeft,
  writePodDeadlines
} from "./PodDeadline.ts"
import type { Begun } from "./Run.ts"
import type { Settings } from "./Settings.ts"

/** Sees to it that a run comes once so much time has passed; undefined: never. Nobody does where no agent is at work. */
export const DeadlineWatch = Context.Reference<(left: Duration.Duration | undefined) => Effect.Effect<void>>(
  "slipway/startup/DeadlineWatch",
  { defaultValue: () => () => Effect.void }
)

/**
 * Runs what a Pod comes to while its `activeDeadlineSeconds` are not over. Once they are, its containers are stopped as
 * by `down`, and each run fails with `DeadlineExceeded` until there is another Pod, or it is retried. Where it has not
 * come up, and what did before runs in its place, that is left. Another Pod that comes up, be it one without a
 * deadline, has the one before begin anew when that is declared again.
 */
export const withinDeadline = Effect.fnUntraced(function* <A, E, R>(begun: Begun, run: Effect.Effect<A, E, R>) {
  const watch = yield* DeadlineWatch
  const { activeDeadlineSeconds: seconds } = begun.workload
  if (seconds === undefined) {
    yield* watch(undefined)
    const others = yield* Effect.forkChild(readPodDeadlines)
    const came = yield* run
    const known = yield* Fiber.join(others)
    if (Option.exists(known, ({ pod, exceeded }) => exceeded !== null || pod !== identityOf(begun.workload))) {
      yield* forgetPodDeadlines
    }
    return came
  }
  const { present, known, last, active } = yield* activeNow(begun, seconds)
  const left = timeLeft(active, present)
  if (active.exceeded !== null || Duration.isZero(left)) {
    yield* begun.reached
    const found = yield* observeDown(begun.settings.mountRoot, false)
    const stopped = yield* readRecord("stopped")
    if (active.exceeded !== null || !hasEnded(begun.workload, active, found, stopped)) {
      const isOthers = active.cameUp !== true && (yield* runsInItsPlace(begun, present))
      return yield* stopForGood(active, { present, known, found: isOthers ? undefined : found })
    }
  }
  if (last !== active) yield* writePodDeadlines(withBefore(known, active))
  yield* watch(Duration.isZero(left) ? undefined : left)
  const came = yield* run
  const isKnownUp = Option.exists(known, ({ pod, before }) => pod === active.pod && before === undefined)
  if (active.cameUp !== true || !isKnownUp) yield* writePodDeadlines({ ...active, cameUp: true })
  return came
})

/** What a run would fail with at once; `none` where the Pod may be active. Changes nothing. */
export const deadlineExceeded = Effect.fnUntraced(function* (begun: Begun) {
  const { activeDeadlineSeconds: seconds } = begun.workload
  if (seconds === undefined) return Option.none<DeadlineExceeded>()
  const { active } = yield* activeNow(begun, seconds)
  return active.exceeded === null ? Option.none<DeadlineExceeded>() : Option.some(exceeded(active, active.exceeded))
})

/**
 * Whether what runs is what another Pod's declaration, the last that came up, has declared, and not this one's, whose
 * containers may be the same ones.
 */
const runsInItsPlace = Effect.fnUntraced(function* ({ declared, workload, settings }: Begun, { pod }: PresentPod) {
  const good = yield* lastGoodOf(settings)
  if (Option.isNone(good) || identityOf(good.value.workload) === pod) return false
  if (Option.exists(yield* runsOf({ declared, workload }, settings), isWhole)) return false
  return Option.exists(yield* runsOf(good.value, settings), isWhole)
})

/** A declared Pod, what is on record, and what is to be. */
export const activeNow = Effect.fnUntraced(function* (
  {
    workload,
    declared,
    settings
  }: Pick<Begun, "workload" | "declared"> & { readonly settings: Pick<Settings, "retry"> },
  seconds: number
) {
  const present = yield* presentPod(workload, textOf(declared), seconds)
  const known = yield* readPodDeadlines
  const last = Option.map(known, (all) => deadlineOf(all, present.pod))
  return { present, known, last: Option.getOrUndefined(last), active: activeSince(last, present, settings.retry) }
})

/** What is known of a Pod whose time is over. */
interface Over {
  readonly present: PresentPod
  readonly known: Option.Option<PodDeadlines>
  /** What there is of it; undefined where it is not what runs. */
  readonly found: DownObservation | undefined
}

/** On record before anything is stopped: a run that dies has the next one stop the rest. */
export const stopForGood = Effect.fnUntraced(function* (active: PodDeadline, { present, known, found }: Over) {
  const { seconds, declaration, wallMillis } = present
  const over = active.exceeded ?? { declaration, seconds, stoppedWallMillis: wallMillis }
  if (active.exceeded === null) yield* writePodDeadlines(withBefore(known, { ...active, exceeded: over }))
  if (found !== undefined && [...found.containers, ...found.lost].some(isActive)) {
    const cause = `the Pod's activeDeadlineSeconds (${seconds}) are over`
    yield* stopFound(found, { remove: false, until: "the next run", cause })
  }
  return yield* exceeded(active, over)
})

/**
 * Whether the Pod has come to its end by itself, well or not: another's containers were started before its time began.
 * By what is declared: what was stopped for good has another restart policy, be it not on record as stopped.
 */
const hasEnded = (
  { containers }: DeclaredWorkload,
  { beganWallMillis }: PodDeadline,
  found: DownObservation,
  stopped: ReadonlyArray<string>
): boolean =>
  containers.every(({ name, restartPolicy }) =>
    found.containers.some(
      ({ id, labels, status, startedAt, exitCode }) =>
        labels[containerLabel] === name &&
        status === "exited" &&
        (restartPolicy === "Never" || (restartPolicy === "OnFailure" && exitCode === 0)) &&
        !stopped.includes(id) &&
        Option.exists(startedAt, (millis) => millis >= beganWallMillis)
    )
  )

const exceeded = (
  { beganWallMillis }: PodDeadline,
  { seconds, stoppedWallMillis }: NonNullable<PodDeadline["exceeded"]>
) => new DeadlineExceeded({ seconds, began: beganWallMillis, stopped: stoppedWallMillis })
