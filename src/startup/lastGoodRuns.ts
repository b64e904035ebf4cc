import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { hidingValues } from "../apply/hiddenValues.ts"
import { isLost } from "../observation/Observation.ts"
import { makeReached } from "../observation/observe.ts"
import { plan } from "../plan/Plan.ts"
import { Progress } from "../progress/Progress.ts"
import { allContainers, type Workload } from "../workload/Workload.ts"
import { readLastGood } from "./lastGood.ts"
import type { ReportedContainer } from "./Report.ts"
import { beginRun, look, resolved } from "./Run.ts"
import type { Settings } from "./Settings.ts"

/** A workload, and what runs of it. */
export interface RunningWorkload {
  readonly workload: Redacted.Redacted<Workload>
  readonly containers: ReadonlyArray<Pick<ReportedContainer, "container" | "role" | "found">>
}

/**
 * The last declaration from metadata that came up, and which containers of this boot are as it declares them; `none` where
 * none are, where it declares no probe, or where that cannot be found out. Changes nothing, says nothing, and asks no
 * registry for an image that the engine holds.
 */
export const lastGoodRuns = Effect.fn("lastGoodRuns")(
  function* (settings: Settings) {
    const declared = yield* readLastGood
    if (Option.isNone(declared)) return Option.none<RunningWorkload>()
    const asked: Settings = { ...settings, followTags: false }
    const begun = yield* beginRun({ ...declared.value, source: "last good" }, asked, yield* makeReached)
    if (!allContainers(begun.workload).some(({ probes }) => probes !== undefined)) return Option.none<RunningWorkload>()
    const run = yield* resolved(begun)
    const observation = yield* hidingValues(run.workload)(look(run, run.images))
    const { containers } = yield* Effect.fromResult(plan(run.workload, observation, run.names, asked))
    const there = containers.flatMap(({ container, role, fate, kept }) =>
      fate === "kept" && Option.isSome(kept) && !isLost(kept.value)
        ? [{ container, role, found: Option.some(kept.value) }]
        : []
    )
    if (there.length === 0) return Option.none<RunningWorkload>()
    return Option.some<RunningWorkload>({ workload: Redacted.make(run.workload), containers: there })
  },
  Effect.scoped,
  Effect.provideService(Progress, () => Effect.void),
  Effect.orElseSucceed(() => Option.none<RunningWorkload>())
)
