import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { describeDown, downPlanJson } from "../../plan/describeDown.ts"
import { planText } from "../../progress/PlanDescription.ts"
import { down, type DownSettings, previewDown } from "../../startup/down.ts"
import { Deadlines } from "../../timing/Deadlines.ts"
import { type Failure } from "../output/Failure.ts"
import { downReportJson, renderDownReport } from "../output/renderDown.ts"
import { reportFailure } from "../output/reportFailure.ts"
import { withProgress } from "../output/withProgress.ts"
import type { Platform } from "../Platform.ts"
import { downFlags, formatFlag } from "../settings/flags.ts"
import { duration } from "../settings/kinds.ts"
import { readDownSettings } from "../settings/readSettings.ts"
import { SettingsInvalid } from "../settings/SettingsInvalid.ts"

const readWithin = (within: Option.Option<string>) =>
  Option.match(within, {
    onNone: () => Effect.succeedNone,
    onSome: (text) =>
      Result.match(duration.parse(text), {
        onSuccess: Effect.succeedSome,
        onFailure: (expected) => Effect.fail(new SettingsInvalid({ problems: [`--within ${expected}`] }))
      })
  })

/** `slipway down` */
export const makeDown = <E extends Failure, R>(platform: Platform<E, R>) =>
  Command.make(
    "down",
    {
      remove: Flag.Boolean("remove").pipe(
        Flag.withDescription(
          "Also remove the containers and what was made for them: networks, mounts, files, emptyDirs, firewall rules. Images and what is on disks stay"
        ),
        Flag.withDefault(false)
      ),
      within: Flag.String("within").pipe(
        Flag.withMetavar("DURATION"),
        Flag.withDescription("The time for everything; grace periods are shortened to fit"),
        Flag.optional
      ),
      ...downFlags,
      dryRun: Flag.Boolean("dry-run").pipe(
        Flag.withDescription("Print the steps with their causes, and change nothing"),
        Flag.withDefault(false)
      ),
      format: formatFlag
    },
    Effect.fnUntraced(function* ({ remove, within: limit, dryRun, format, ...flags }) {
      const { host, deadlines, ...settings } = yield* readDownSettings(flags)
      const demand: DownSettings = { ...settings, remove, until: "the next run", within: yield* readWithin(limit) }
      const run = dryRun
        ? Effect.map(previewDown(demand), (plan) =>
            format === "json" ? downPlanJson(plan) : planText(describeDown(plan))
          )
        : down(demand).pipe(
            Effect.map((report) => (format === "json" ? downReportJson(report) : renderDownReport(report))),
            // A program wants to know what has become of each all the same.
            Effect.tapError((error) =>
              (error._tag === "DownIncomplete" || error._tag === "DownTooLate") && format === "json"
                ? Console.log(downReportJson(error.report, error))
                : Effect.void
            )
          )
      yield* withProgress(run).pipe(
        Effect.flatMap((text) => Console.log(text)),
        Effect.provideService(Deadlines, deadlines),
        Effect.provide(platform.layerVm(host))
      )
    }, reportFailure)
  ).pipe(
    Command.withDescription("Stop what Slipway runs on this VM, in order; the next `up` starts it again"),
    Command.withExamples([
      {
        command: "slipway down",
        description: "preStop hooks, stop signals and grace periods as declared, sidecars last"
      },
      { command: "slipway down --within 25s", description: "Before the VM goes down" },
      { command: "slipway down --remove", description: "Leave nothing of ours but images, and what is on disks" }
    ])
  )
