import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { hidingValues } from "../apply/hiddenValues.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { isActive, isLost } from "../observation/Observation.ts"
import { containerLabel, workloadLabel } from "../observation/Ownership.ts"
import { makeReached } from "../observation/observe.ts"
import { plan } from "../plan/Plan.ts"
import { Progress } from "../progress/Progress.ts"
import type { DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import { allContainers, type Workload } from "../workload/Workload.ts"
import { Decoding } from "./Decoding.ts"
import { findLastGood, orNoLastGood } from "./lastGood.ts"
import type { Declared } from "./readDeclaration.ts"
import type { ReportedContainer } from "./Report.ts"
import { beginRun, look, resolved } from "./Run.ts"
import type { Settings } from "./Settings.ts"

/** A workload, and what runs of it. */
export interface RunningWorkload {
  readonly workload: Redacted.Redacted<Workload>
  readonly containers: ReadonlyArray<Pick<ReportedContainer, "container" | "role" | "found">>
}

/** Whether any of its containers runs, or is one of those that an agent is to start again. */
export const isAnyUp =
  (restarting: ReadonlyArray<string>) =>
  ({ containers }: RunningWorkload): boolean =>
    containers.some(({ found }) => Option.exists(found, isKept(restarting)))

/** Whether all of its containers do that are not run to their end. */
export const isWhole =
  (restarting: ReadonlyArray<string>) =>
  ({ workload, containers }: RunningWorkload): boolean =>
    Redacted.value(workload).containers.every(({ name }) =>
      containers.some(({ container, found }) => container === name && Option.exists(found, isKept(restarting)))
    )

const isKept = (restarting: ReadonlyArray<string>) => (found: ContainerInspection) =>
  isActive(found) || restarting.includes(found.id)

/** The last declaration that came up, of those that come from where the settings have theirs. */
export interface LastGood {
  readonly declared: Declared
  readonly workload: DeclaredWorkload
}

/** `none` where there is none that can be used, and, with a warning, where it cannot be read. */
export const lastGoodOf = (settings: Settings) => orNoLastGood(findLastGoodOf(settings))

/** The same; fails where it cannot be read. */
export const findLastGoodOf = Effect.fnUntraced(function* (settings: Settings) {
  const decode = yield* Decoding
  const isOfFile = Option.isSome(settings.declaration)
  const kept = yield* findLastGood(isOfFile ? "settings" : "metadata")
  return Option.flatMap(kept, (text) => {
    const declared: Declared = { ...text, source: isOfFile ? "settings" : "last good" }
    return Option.map(
      Result.getSuccess(decode(declared, Option.getOrUndefined(settings.policy))),
      ({ workload }): LastGood => ({ declared, workload })
    )
  })
})

/**
 * Which containers of this boot run as the last good declaration declares them, or have come to their ends; `none` where
 * there are none. Changes nothing, says nothing, and asks no registry for an image that the engine holds.
 */
export const findRunsOf = Effect.fn("findRunsOf")(
  function* ({ declared }: LastGood, settings: Settings) {
    const asked: Settings = { ...settings, followTags: false }
    const run = yield* resolved(yield* beginRun(declared, asked, yield* makeReached))
    const observation = yield* hidingValues(run.workload)(look(run, run.images))
    const { containers, steps } = yield* Effect.fromResult(plan(run.workload, observation, run.names, asked))
    const specs = steps.flatMap(({ action }) => (action._tag === "Create" ? [action.spec] : []))
    /** One that is to be replaced only for what it rests on, as a sandbox that has ended, or for its image. */
    const replaced = (name: string) => {
      const labels = specs.find((spec) => spec.name === name)?.labels
      const isOfIt = (found: ContainerInspection) =>
        labels !== undefined && [containerLabel, workloadLabel].every((label) => found.labels[label] === labels[label])
      return Option.fromUndefinedOr(observation.containers.find((found) => isActive(found) && isOfIt(found)))
    }
    const there = containers.flatMap(({ container, role, name, fate, kept }) => {
      const found = fate === "replaced" ? replaced(name) : fate === "kept" ? kept : Option.none()
      return Option.isSome(found) && !isLost(found.value) ? [{ container, role, found: Option.some(found.value) }] : []
    })
    if (there.length === 0) return Option.none<RunningWorkload>()
    return Option.some<RunningWorkload>({ workload: Redacted.make(run.workload), containers: there })
  },
  Effect.scoped,
  Effect.provideService(Progress, () => Effect.void)
)

/** The same; `none`, too, where that cannot be found out. */
export const runsOf = (good: LastGood, settings: Settings) =>
  Effect.orElseSucceed(findRunsOf(good, settings), () => Option.none<RunningWorkload>())

/** The same of the last good declaration; `none`, too, where it declares no probe. */
export const lastGoodRuns = Effect.fn("lastGoodRuns")(
  function* (settings: Settings) {
    const good = yield* lastGoodOf(settings)
    if (Option.isNone(good)) return Option.none<RunningWorkload>()
    if (!allContainers(good.value.workload).some(({ probes }) => probes !== undefined))
      return Option.none<RunningWorkload>()
    return yield* runsOf(good.value, settings)
  },
  Effect.provideService(Progress, () => Effect.void)
)
