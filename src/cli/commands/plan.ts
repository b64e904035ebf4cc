import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import * as Option from "effect/Option"
import { Deadlines } from "../../timing/Deadlines.ts"
import { preview } from "../../startup/startup.ts"
import { type Failure } from "../output/Failure.ts"
import { reportFailure } from "../output/reportFailure.ts"
import type { Platform } from "../Platform.ts"
import { withProgress } from "../output/withProgress.ts"
import { planJson, renderPlan } from "../../plan/renderPlan.ts"
import { formatFlag, sharedFlags } from "../settings/flags.ts"
import { readSettings } from "../settings/readSettings.ts"

/** `slipway plan` */
export const makePlan = <E extends Failure, R>(platform: Platform<E, R>) =>
  Command.make(
    "plan",
    {
      ...sharedFlags,
      format: formatFlag
    },
    Effect.fnUntraced(function* ({ format, ...flags }) {
      const { settings, host, deadlines } = yield* readSettings(flags)
      const plan = yield* withProgress(preview(settings)).pipe(
        Effect.provideService(Deadlines, deadlines),
        Effect.provide(platform.layerVm(host))
      )
      yield* Console.log(
        Option.match(plan, {
          onNone: () => (format === "json" ? "null" : "The VM declares no container: nothing to do."),
          onSome: format === "json" ? planJson : renderPlan
        })
      )
    }, reportFailure)
  ).pipe(
    Command.withDescription("Print what `up` would do and why; changes nothing"),
    Command.withExamples([
      { command: "slipway plan --declaration web.yaml", description: "Each step, its cause and what it waits for" },
      { command: "slipway plan --format json", description: "For programs; without the values of env" }
    ])
  )
