import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { RunningWorkload } from "./lastGoodRuns.ts"

/** Is told of what has come up, also where the run then fails for a job that has failed beside it. */
export const Settled = Context.Reference<(running: RunningWorkload) => Effect.Effect<void>>("slipway/startup/Settled", {
  defaultValue: () => () => Effect.void
})
