import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import { Deadlines } from "../../timing/Deadlines.ts"
import type { Failure } from "../output/Failure.ts"
import { renderTimeline } from "../output/renderTimeline.ts"
import { reportFailure } from "../output/reportFailure.ts"
import { timelineJson } from "../../record/runJson.ts"
import { timelineSvg } from "../../record/timelineSvg.ts"
import type { Platform } from "../Platform.ts"
import { formatFlag, lookFlags } from "../settings/flags.ts"
import { SettingsInvalid } from "../settings/SettingsInvalid.ts"
import { readHostSettings } from "../settings/readSettings.ts"
import { keptRun, runFlag } from "./keptRun.ts"

/** `slipway timeline` */
export const makeTimeline = <E extends Failure, R>(platform: Platform<E, R>) =>
  Command.make(
    "timeline",
    {
      ...lookFlags,
      run: runFlag,
      format: formatFlag,
      svg: Flag.String("svg").pipe(
        Flag.withMetavar("FILE"),
        Flag.withDescription("Write it to this file as a picture (- is standard output)"),
        Flag.optional
      )
    },
    Effect.fnUntraced(function* ({ run: number, format, svg, ...flags }) {
      const { host, deadlines } = yield* readHostSettings(flags)
      const { run } = yield* keptRun(number).pipe(
        Effect.provideService(Deadlines, deadlines),
        Effect.provide(platform.layerVm(host))
      )
      if (Option.isNone(svg)) {
        return yield* Console.log(format === "json" ? JSON.stringify(timelineJson(run), null, 2) : renderTimeline(run))
      }
      if (svg.value === "-") return yield* Console.log(timelineSvg(run).trimEnd())
      const files = yield* FileSystem.FileSystem
      yield* files
        .writeFileString(svg.value, timelineSvg(run))
        .pipe(Effect.mapError((error) => new SettingsInvalid({ problems: [`--svg: ${error.message}`] })))
    }, reportFailure)
  ).pipe(
    Command.withDescription("Draw the steps of the last run over its time"),
    Command.withExamples([
      { command: "slipway timeline", description: "In the terminal" },
      { command: "slipway timeline --svg boot.svg", description: "As a picture" },
      { command: "slipway timeline --format json", description: "For programs: docs/status.md has its keys" },
      { command: "slipway timeline --run 7", description: "An earlier run: `slipway why` tells its number" }
    ])
  )
