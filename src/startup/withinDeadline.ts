import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { readRecord } from "../observation/ContainerRecord.ts"
import { type DownObservation, isToBeStopped, observeDown } from "../observation/observeDown.ts"
import { containerLabel } from "../observation/Ownership.ts"
import type { DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import { DeadlineExceeded } from "./DeadlineExceeded.ts"
import { stopFound } from "./down.ts"
import { isWhole, lastGoodOf, runsOf } from "./lastGoodRuns.ts"
import {
  activeSince,
  type Demand,
  afterAnother,
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

/** Sees to it that a run comes once so much time has passed; undefined: never. Nobody does where no agent is at work. */
export const DeadlineWatch = Context.Reference<(left: Duration.Duration | undefined) => Effect.Effect<void>>(
  "slipway/startup/DeadlineWatch",
  { defaultValue: () => () => Effect.void }
)

/**
 * Runs what a Pod comes to while its `activeDeadlineSeconds` are not over. Once they are, its containers are stopped as
 * by `down`, and each run fails with `DeadlineExceeded` until there is another Pod, or it is retried. Where it has not
 * come up, and what did before runs in its place, that is left. Another Pod that comes up, be it one without a
 * deadline, has the one before begin anew when that is declared again; one whose time is over begins anew, too, where
 * another did not come up. As long as it is not over, and its containers run, it is the same Pod.
 */
export const withinDeadline = Effect.fnUntraced(function* <A, E, R>(begun: Begun, run: Effect.Effect<A, E, R>) {
  const watch = yield* DeadlineWatch
  const { activeDeadlineSeconds: seconds } = begun.workload
  if (seconds === undefined) {
    yield* watch(undefined)
    const others = yield* Effect.forkChild(gaveWayTo(begun))
    const came = yield* Effect.ensuring(run, Fiber.await(others))
    const known = yield* Fiber.join(others)
    if (Option.exists(known, ({ pod, exceeded }) => exceeded !== null || pod !== identityOf(begun.workload))) {
      yield* forgetPodDeadlines
    }
    return came
  }
  const known = yield* gaveWayTo(begun)
  const { present, last, active } = yield* activeNow(begun, seconds, demandOf(begun), known)
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
  const { active } = yield* activeNow(begun, seconds, demandOf(begun), yield* readPodDeadlines)
  return active.exceeded === null ? Option.none<DeadlineExceeded>() : Option.some(exceeded(active, active.exceeded))
})

/**
 * Whether what runs is what another Pod's declaration, the last that came up, has declared, and not this one's, whose
 * containers may be the same ones.
 */
const runsInItsPlace = Effect.fnUntraced(function* ({ declared, workload, settings }: Begun, { pod }: PresentPod) {
  const good = yield* lastGoodOf(settings)
  if (Option.isNone(good) || identityOf(good.value.workload) === pod) return false
  const runsWhole = isWhole(yield* readRecord("restarting"))
  if (Option.exists(yield* runsOf({ declared, workload }, settings), runsWhole)) return false
  return Option.exists(yield* runsOf(good.value, settings), runsWhole)
})

/** What is on record of Pods, from now on with that another one is declared. */
const gaveWayTo = Effect.fnUntraced(function* ({ workload }: Begun) {
  const found = yield* readPodDeadlines
  const known = Option.map(found, (deadlines) => afterAnother(deadlines, identityOf(workload)))
  if (Option.isSome(known) && known.value !== Option.getOrUndefined(found)) yield* writePodDeadlines(known.value)
  return known
})

/** The last declaration that came up stands in for one that cannot be read: nobody has declared it again. */
const demandOf = ({ settings, declared }: Begun): Demand =>
  settings.retry ? "retried" : declared.source === "last good" ? "none" : "declared"

/** A Pod, what is on record of it, and what is to be. */
export const activeNow = Effect.fnUntraced(function* (
  { workload }: Pick<Begun, "workload">,
  seconds: number,
  demand: Demand,
  known: Option.Option<PodDeadlines>
) {
  const present = yield* presentPod(workload, seconds)
  const last = Option.map(known, (all) => deadlineOf(all, present.pod))
  return { present, last: Option.getOrUndefined(last), active: activeSince(last, present, demand) }
})

/** What is known of a Pod whose time is over. */
interface Over {
  readonly present: PresentPod
  readonly known: Option.Option<PodDeadlines>
  /** What there is of it; undefined where it is not what runs. */
  readonly found: DownObservation | undefined
  /** Another Pod is declared. */
  readonly gaveWay?: boolean
}

/** On record before anything is stopped: a run that dies has the next one stop the rest. */
export const stopForGood = Effect.fnUntraced(function* (
  active: PodDeadline,
  { present, known, found, gaveWay = false }: Over
) {
  const { seconds, declared, wallMillis } = present
  const given = gaveWay ? { gaveWay: true as const } : {}
  const over = active.exceeded ?? { declared, seconds, stoppedWallMillis: wallMillis, ...given }
  if (active.exceeded === null) yield* writePodDeadlines(withBefore(known, { ...active, exceeded: over }))
  if (found !== undefined && isToBeStopped(found)) {
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
