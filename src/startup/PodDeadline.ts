import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { findEntry, orWarned } from "../observation/readEntry.ts"
import { tell } from "../progress/Progress.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { sha256 } from "../vm/host/sha256.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"
import type { DeclaredContainer, DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import { revealedJson } from "../workload/revealedJson.ts"
import { type Moment, present } from "./Moment.ts"

/** Since when a Pod is active, and whether it was stopped for its deadline. */
const PodDeadline = Schema.Struct({
  /** A Pod is made anew with each boot, as its containers are. */
  boot: Schema.String,
  /** What the Pod is, without the deadline and the probes, which may change while it is active. */
  pod: Schema.String,
  /** By the host's monotonic clock, which counts from its boot. */
  beganMonotonicMillis: Schema.Finite,
  /** The same by the wall clock, for people. */
  beganWallMillis: Schema.Finite,
  /** It has come up since. */
  cameUp: Schema.optionalKey(Schema.Literal(true)),
  exceeded: Schema.NullOr(
    Schema.Struct({
      /** The Pod with its deadline and its probes, as it was declared then: with others it begins anew. */
      declared: Schema.String,
      seconds: Schema.Int,
      stoppedWallMillis: Schema.Finite,
      /** Another Pod has been declared since: if this one is declared again it begins anew. */
      gaveWay: Schema.optionalKey(Schema.Literal(true))
    })
  )
})
export type PodDeadline = typeof PodDeadline.Type

/** What a run knows of the present, and of the Pod that is declared. */
export interface PresentPod extends Moment {
  readonly pod: string
  /** The same with its deadline and its probes. */
  readonly declared: string
  readonly seconds: number
}

/**
 * What has a Pod whose time is over begin anew: that it is retried, or else that it is declared as another one, or again
 * after another one. Nothing has what came up last, and is not declared now.
 */
export type Demand = "retried" | "declared" | "none"

/**
 * Pure: the record of a Pod, given that of the last one. Its time begins with the first run of it in a boot, or since
 * another Pod came up, before anything is pulled; once it is over, as the demand says.
 */
export const activeSince = (
  last: Option.Option<PodDeadline>,
  { boot, pod, declared, monotonicMillis, wallMillis }: PresentPod,
  demand: Demand
): PodDeadline => {
  if (Option.isSome(last) && last.value.boot === boot && last.value.pod === pod) {
    const { exceeded } = last.value
    const isAnother = exceeded?.declared !== declared || exceeded.gaveWay === true
    if (exceeded === null || demand === "none" || (demand === "declared" && !isAnother)) return last.value
  }
  return { boot, pod, beganMonotonicMillis: monotonicMillis, beganWallMillis: wallMillis, exceeded: null }
}

/** How much of its time is left; none once it is over. */
export const timeLeft = (
  { beganMonotonicMillis }: PodDeadline,
  { seconds, monotonicMillis }: Pick<PresentPod, "seconds" | "monotonicMillis">
): Duration.Duration => Duration.millis(Math.max(0, beganMonotonicMillis + seconds * 1000 - monotonicMillis))

/** What makes a declared Pod the same one. */
export const identityOf = (workload: DeclaredWorkload): string => {
  const plain = (container: DeclaredContainer) => ({ ...container, probes: undefined })
  const { containers, initContainers } = workload
  return sha256(
    revealedJson({
      ...workload,
      activeDeadlineSeconds: undefined,
      containers: containers.map(plain),
      initContainers: initContainers.map(plain)
    })
  )
}

/** The Pod that a declaration declares, now. */
export const presentPod = Effect.fnUntraced(function* (workload: DeclaredWorkload, seconds: number) {
  const declared = sha256(revealedJson(workload))
  const pod: PresentPod = { ...(yield* present), pod: identityOf(workload), declared, seconds }
  return pod
})

/** The last Pod that has a deadline; and, as long as it has not come up, the one before, which may run all the same. */
const PodDeadlines = Schema.Struct({ ...PodDeadline.fields, before: Schema.optionalKey(PodDeadline) })
export type PodDeadlines = typeof PodDeadlines.Type

/** Pure: the record of a Pod, or else of the last one. */
export const deadlineOf = ({ before, ...last }: PodDeadlines, pod: string): PodDeadline =>
  before?.pod === pod && last.pod !== pod ? before : last

/** Pure: what is to be on record once another Pod is declared than those whose time is over. */
export const afterAnother = (known: PodDeadlines, pod: string): PodDeadlines => {
  const { before, ...last } = known
  const [one, other] = [last, before].map((each) =>
    each === undefined || each.pod === pod || each.exceeded === null || each.exceeded.gaveWay === true
      ? each
      : { ...each, exceeded: { ...each.exceeded, gaveWay: true as const } }
  )
  return one === last && other === before ? known : { ...one!, ...(other === undefined ? {} : { before: other }) }
}

/** Pure: what is to be on record while a Pod has not come up that is active. */
export const withBefore = (known: Option.Option<PodDeadlines>, active: PodDeadline): PodDeadlines => {
  if (Option.isNone(known)) return active
  const { before, ...last } = known.value
  const other = last.pod === active.pod ? before : (before ?? last)
  return other === undefined || other.pod === active.pod ? active : { ...active, before: other }
}

const entryName = "pod-deadline"
const Entry = Schema.fromJsonString(PodDeadlines)
const decode = Schema.decodeUnknownOption(Entry)
const encode = Schema.encodeSync(Entry)

const what = "since when the Pod is active"

/** What is on record; fails if it cannot be read. */
export const findPodDeadlines = findEntry(entryName, what, decode)

/** The same; `none`, with a warning, if it cannot be read. */
export const readPodDeadlines = orWarned(what)(findPodDeadlines)

export const writePodDeadlines = Effect.fnUntraced(
  function* (deadlines: PodDeadlines) {
    const state = yield* StateFolder
    yield* state.write(entryName, encode(deadlines))
  },
  withDeadline("FILE", "remember since when the Pod is active"),
  Effect.catch((error) =>
    tell({ _tag: "Warning", text: `since when the Pod is active is not remembered: ${error.message}` })
  )
)

/** No Pod with a deadline is what came up last. */
export const forgetPodDeadlines = Effect.gen(function* () {
  const state = yield* StateFolder
  yield* state.remove(entryName)
}).pipe(
  withDeadline("FILE", "forget since when the Pod was active"),
  Effect.catch((error) =>
    tell({ _tag: "Warning", text: `since when an earlier Pod was active is still remembered: ${error.message}` })
  )
)
