import * as Command from "effect/cli/Command"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { readStatus } from "../../record/readStatus.ts"
import { runJson } from "../../record/runJson.ts"
import { Deadlines } from "../../timing/Deadlines.ts"
import { HostRandom } from "../../vm/host/HostRandom.ts"
import type { Failure } from "../output/Failure.ts"
import { renderRun } from "../output/renderRun.ts"
import { reportFailure } from "../output/reportFailure.ts"
import type { Platform } from "../Platform.ts"
import { formatFlag, lookFlags } from "../settings/flags.ts"
import { readHostSettings } from "../settings/readSettings.ts"
import { keptRun, runFlag } from "./keptRun.ts"

/** `slipway why` */
export const makeWhy = <E extends Failure, R>(platform: Platform<E, R>) =>
  Command.make(
    "why",
    {
      ...lookFlags,
      run: runFlag,
      format: formatFlag
    },
    Effect.fnUntraced(function* ({ format, run: number, ...flags }) {
      const { host, deadlines } = yield* readHostSettings(flags)
      const text = Effect.gen(function* () {
        const { run, last } = yield* keptRun(number)
        if (format === "json") return JSON.stringify(runJson(run), null, 2)
        if (Option.isSome(number) && run !== last) return renderRun(run, { last: run, status: Option.none() })
        // What later runs have to add to the last that is kept; without a status there is nothing.
        const { seed } = yield* HostRandom
        const status = yield* Effect.orElseSucceed(readStatus, Option.none)
        return renderRun(run, { last, status: Option.filter(status, ({ boot }) => boot === seed && boot === run.boot) })
      })
      yield* Effect.flatMap(
        text.pipe(Effect.provideService(Deadlines, deadlines), Effect.provide(platform.layerVm(host))),
        Console.log
      )
    }, reportFailure)
  ).pipe(
    Command.withDescription(
      "Explain the last run that did something, or that did not end well: what was declared, what was found, what was done and why"
    ),
    Command.withExamples([
      { command: "slipway why", description: "The last run, or why it did nothing" },
      { command: "slipway why --run 7", description: "An earlier one, by its number" },
      { command: "slipway why --format json", description: "For programs" }
    ])
  )
