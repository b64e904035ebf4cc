import * as Arr from "effect/Array"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { readEntry } from "../observation/readEntry.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"
import type { NextTry } from "../progress/Aftermath.ts"
import { JobFailed } from "../apply/confirm.ts"
import { OutOfMemory } from "../apply/OutOfMemory.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { backOff } from "../timing/backOff.ts"
import { type Moment, present } from "./Moment.ts"
import { imageOf, isImagePresent, type Observation } from "../observation/Observation.ts"
import { digestLabel, volumeImagesLabel, workloadLabel } from "../observation/Ownership.ts"
import type { Plan } from "../plan/Plan.ts"
import { probeHash } from "../plan/planProbes.ts"
import type { Action } from "../plan/Step.ts"
import { tell } from "../progress/Progress.ts"
import { describeRunning, RunningContainer } from "../progress/Aftermath.ts"
import { runningOf } from "../observation/whatRuns.ts"

/**
 * A start that failed after the old container had been stopped, which was then brought back. As it is known to fail, it
 * is not retried at the running container's cost before its back-off has passed.
 */
const FailedStart = Schema.Struct({
  /** The workload's hash, and what names its images: with another it is another start. */
  workload: Schema.String,
  digest: Schema.String,
  /** The boot in which it failed. The next boot starts over. */
  boot: Schema.String,
  /** How many times in a row it has failed. */
  tries: Schema.Int,
  /** The last failure, by the host's monotonic clock, which counts from its boot. */
  monotonicMillis: Schema.Finite,
  /** The same by the wall clock, for people. */
  wallMillis: Schema.Finite,
  reason: Schema.String,
  /** The engine's name of the container that failed, where it was one. */
  container: Schema.optionalKey(Schema.String),
  /** A job that failed by itself, which is not retried in this boot. */
  job: Schema.NullOr(
    Schema.Struct({
      exitCode: Schema.Int,
      outOfMemory: Schema.optional(OutOfMemory),
      terminationMessage: Schema.optional(Schema.String),
      lastLogLines: Schema.Array(Schema.String)
    })
  )
})
export type FailedStart = typeof FailedStart.Type

/**
 * The declared containers are known to fail, and something else runs, which is left alone until the back-off has
 * passed.
 */
export class StartHeldBack extends Schema.TaggedError<StartHeldBack>()("StartHeldBack", {
  container: Schema.String,
  image: Schema.String,
  /** How many times in a row it failed, and how it failed last. */
  tries: Schema.Int,
  reason: Schema.String,
  /** The last failure, in milliseconds since the epoch. */
  failedAt: Schema.Finite,
  /** From now to the next try. */
  next: Schema.Duration,
  running: Schema.NonEmptyArray(RunningContainer)
}) {
  get isRetryable() {
    return true
  }
  get advice() {
    return "Correct the declaration, push another image, or try at once with `slipway up --retry`."
  }
  override get message() {
    const times = this.tries === 1 ? "once" : `${this.tries} times`
    const [what, pronoun] = this.running.length === 1 ? ["its predecessor", "is"] : ["its predecessors", "are"]
    return (
      `the declared container ${this.container}, from ${this.image}, failed to start ${times}, ` +
      `the last time at ${DateTime.formatIso(DateTime.makeUnsafe(this.failedAt))} (${this.reason}); ` +
      `${what} ${this.running.map(describeRunning).join("; ")}, ${pronoun} left in its place, ` +
      `and the next try is in ${Duration.format(this.next)}`
    )
  }
}

type Creation = Extract<Action, { readonly _tag: "Create" }>

/** What a plan creates if running containers have to be stopped for it; nothing if none has to be. */
const replacementOf = ({ steps }: Plan): ReadonlyArray<Creation> =>
  steps.some(({ action }) => action._tag === "Stop")
    ? steps.flatMap(({ action }) => (action._tag === "Create" ? [action] : []))
    : []

type Key = Pick<FailedStart, "workload" | "digest">

/** Separates what names one image: a run that asks its registry knows another digest of it than one that does not. */
const or = "="

const keyOf = ({ steps }: Plan, created: ReadonlyArray<Creation>, observation: Pick<Observation, "images">): Key => ({
  workload: [
    ...created.map(({ spec }) => spec.labels[workloadLabel] ?? ""),
    // No container is created with its probes: with others the same start may succeed.
    ...steps.flatMap(({ action }) => (action._tag === "Probe" ? [probeHash(action.probe)] : []))
  ].join(" "),
  digest: created
    .flatMap(({ spec, image }) => {
      const observed = imageOf(observation, image)
      const mounted = spec.labels[volumeImagesLabel]
      const digest = spec.labels[digestLabel]
      const held = isImagePresent(observed) ? Option.toArray(observed.local) : []
      const names = new Set([
        ...(digest === undefined ? [] : [digest]),
        ...held.flatMap(({ id, digests }) => [id, ...digests])
      ])
      return [[...names].join(or), ...(mounted === undefined ? [] : [mounted])]
    })
    .join(" ")
})

const isOf = (failed: FailedStart, { workload, digest }: Key): boolean => {
  const before = failed.digest.split(" ")
  const now = digest.split(" ")
  // Nothing is known of an image whose registry does not say: it may be the same.
  const isSame = (names: string, index: number) =>
    names === "" || before[index] === "" || names.split(or).some((name) => before[index]?.split(or).includes(name))
  return failed.workload === workload && before.length === now.length && now.every(isSame)
}

/** Why a plan should not be applied now; `none` if it may be. */
export const heldBack = (
  plan: Plan,
  observation: Pick<Observation, "containers" | "lost" | "images">,
  failed: FailedStart,
  now: Moment
): Option.Option<StartHeldBack | JobFailed> => {
  const created = replacementOf(plan)
  const running = runningOf([...observation.containers, ...observation.lost])
  if (!Arr.isReadonlyArrayNonEmpty(created) || !Arr.isReadonlyArrayNonEmpty(running)) return Option.none()
  if (!isOf(failed, keyOf(plan, created, observation)) || failed.boot !== now.boot) return Option.none()
  const { spec } = created.find(({ spec }) => spec.name === failed.container) ?? created[0]
  if (failed.job !== null) {
    return Option.some(new JobFailed({ container: spec.name, ...failed.job }))
  }
  const left = Duration.toMillis(backOff(failed.tries)) - (now.monotonicMillis - failed.monotonicMillis)
  return left <= 0
    ? Option.none()
    : Option.some(
        new StartHeldBack({
          container: spec.name,
          image: spec.image,
          tries: failed.tries,
          reason: failed.reason,
          failedAt: failed.wallMillis,
          next: Duration.seconds(Math.ceil(left / 1000)),
          running
        })
      )
}

/** The record of a plan's failure, given the record before it. */
const failedStart = (
  key: Key,
  before: Option.Option<FailedStart>,
  error: { readonly message: string },
  now: Moment
): FailedStart => ({
  ...key,
  ...now,
  tries: Option.match(before, {
    onNone: () => 1,
    onSome: (failed) => (isOf(failed, key) && failed.boot === now.boot ? failed.tries + 1 : 1)
  }),
  reason: error.message.split("\n", 1).join(),
  ...(Predicate.hasProperty(error, "container") && typeof error.container === "string"
    ? { container: error.container }
    : {}),
  job:
    error instanceof JobFailed
      ? {
          exitCode: error.exitCode,
          outOfMemory: error.outOfMemory,
          terminationMessage: error.terminationMessage,
          lastLogLines: error.lastLogLines
        }
      : null
})

const entryName = "failed-start"
const Entry = Schema.fromJsonString(FailedStart)
const decode = Schema.decodeUnknownOption(Entry)
const encode = Schema.encodeSync(Entry)

/** The last failed start; `none`, with a warning, if it cannot be read. */
const read = readEntry(entryName, "which start failed last", decode)

/** Fails if a plan is known to fail and would cost a running container, until its back-off has passed. */
export const holdBack = Effect.fn("holdBack")(function* (
  plan: Plan,
  observation: Pick<Observation, "containers" | "lost" | "images">
) {
  if (replacementOf(plan).length === 0) return
  const failed = yield* read
  if (Option.isNone(failed)) return
  const reason = heldBack(plan, observation, failed.value, yield* present)
  if (Option.isSome(reason)) return yield* reason.value
})

/**
 * Records that a plan failed and was rolled back. Gives the time of the next try; undefined if it cannot be recorded.
 */
export const rememberFailedStart = Effect.fn("rememberFailedStart")(function* (
  plan: Plan,
  observation: Pick<Observation, "images">,
  error: { readonly message: string }
) {
  const created = replacementOf(plan)
  if (created.length === 0) return undefined
  const state = yield* StateFolder
  const failed = failedStart(keyOf(plan, created, observation), yield* read, error, yield* present)
  const next: NextTry = failed.job === null ? backOff(failed.tries) : "next boot"
  return yield* state.write(entryName, encode(failed)).pipe(
    withDeadline("FILE", "remember the failed start"),
    Effect.as(next),
    Effect.catch((error) =>
      Effect.as(
        tell({
          _tag: "Warning",
          text: `the failed start is not remembered, and may be tried too soon: ${error.message}`
        }),
        undefined
      )
    )
  )
})

/** After a successful run, earlier failures are forgotten. */
export const forgetFailedStart = Effect.gen(function* () {
  const state = yield* StateFolder
  yield* state.remove(entryName).pipe(withDeadline("FILE", "forget the failed start"))
}).pipe(
  Effect.catch((error) => tell({ _tag: "Warning", text: `the failed start is still remembered: ${error.message}` }))
)
