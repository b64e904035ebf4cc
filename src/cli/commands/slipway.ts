import * as CliConfig from "effect/cli/CliConfig"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { makeAgent } from "./agent.ts"
import { makeCheck } from "./check.ts"
import { cliConfig } from "./completions.ts"
import { makeConvert } from "./convert.ts"
import { exitCodeOf, exitCodes } from "../output/exitCodes.ts"
import { makeDown } from "./down.ts"
import { makeInstall, makeUninstall } from "./install.ts"
import { normalizeFlags } from "../settings/normalizeFlags.ts"
import { logFormatFlag } from "../settings/flags.ts"
import { layerLogger } from "../settings/logFormat.ts"
import { readSetting } from "../settings/Setting.ts"
import { settingTable } from "../settings/settingTable.ts"
import type { Failure } from "../output/Failure.ts"
import { helpText } from "../output/helpText.ts"
import { missingCommandHint } from "./missingCommandHint.ts"
import type { Platform } from "../Platform.ts"
import { makeMigrate } from "./migrate.ts"
import { makePlan } from "./plan.ts"
import { rehearse } from "./rehearse.ts"
import { schema } from "./schema.ts"
import { printable } from "../../text/printable.ts"
import { makeStatus } from "./status.ts"
import { makeTimeline } from "./timeline.ts"
import { makeUp } from "./up.ts"
import { makeWhy } from "./why.ts"

/** The command line as a whole. */
const makeCli = <E extends Failure, R>(platform: Platform<E, R>) =>
  Command.make("slipway").pipe(
    Command.withDescription(
      "Starts a VM's containers: reads their declaration, makes the VM match it, and says what it did and why"
    ),
    Command.withSharedFlags({ logFormat: logFormatFlag }),
    Command.withSubcommands([
      makeUp(platform),
      makeAgent(platform),
      makePlan(platform),
      makeStatus(platform),
      makeWhy(platform),
      makeTimeline(platform),
      makeDown(platform),
      makeCheck(platform),
      makeConvert(platform),
      schema,
      rehearse,
      makeInstall(platform),
      makeUninstall(platform),
      makeMigrate(platform)
    ]),
    Command.provide(({ logFormat }) =>
      Layer.unwrap(
        readSetting(settingTable.logFormat, logFormat).pipe(
          // A format that does not exist is for the command to refuse, with all else that is wrong.
          Effect.orElseSucceed(() => ({ value: settingTable.logFormat.fallback })),
          Effect.map(({ value }) => layerLogger(value, platform))
        )
      )
    )
  )

/** One word that is parsed as a row of one-letter flags gives an error for each letter. */
const maximumErrors = 5
const maximumLength = 600

/** Prints usage errors on standard error, without the whole help on standard output. */
const presenter: CliOutput.Presenter = {
  present: (event) =>
    event._tag === "InvalidInvocation"
      ? Effect.flatMap(CliOutput.Formatter, (formatter) => {
          // Of a command that does not exist, the other errors do not matter.
          const hint = event.errors.map(missingCommandHint).find((found) => found !== undefined)
          const texts = hint === undefined ? event.errors.slice(0, maximumErrors).map(formatter.formatCliError) : [hint]
          const lines = texts.map(printable).map((text) => `slipway: ${abbreviated(text)}`)
          return Console.error([...lines, `Try: ${event.commandPath.join(" ")} --help`].join("\n"))
        })
      : CliOutput.defaultPresenter.present(event)
}

const abbreviated = (text: string): string => (text.length > maximumLength ? `${text.slice(0, maximumLength)}…` : text)

/** Runs a command line and gives its exit code. Failures have been reported on standard error by then. */
export const runCli = <E extends Failure, R>(
  args: ReadonlyArray<string>,
  options: {
    readonly version: string
    readonly platform: Omit<Platform<E, R>, "exitWith" | "version">
    /** How help is rendered; absent, as a text for terminals. */
    readonly formatHelpDoc?: CliOutput.Formatter["formatHelpDoc"]
  }
) => {
  let code: number = exitCodes.done
  const { version, formatHelpDoc = helpText } = options
  const platform: Platform<E, R> = { ...options.platform, version, exitWith: (other) => void (code = other) }
  return Command.runWith(makeCli(platform), { version })(normalizeFlags(args)).pipe(
    Effect.provideService(CliConfig.CliConfig, cliConfig),
    Effect.provideService(CliOutput.Presenter, presenter),
    Effect.provideService(CliOutput.Formatter, { ...CliOutput.defaultFormatter({ colors: false }), formatHelpDoc }),
    Effect.map(() => code),
    Effect.catch((error) => Effect.succeed(exitCodeOf(error))),
    Effect.catchCauseIf(
      (cause) => !Cause.hasInterruptsOnly(cause),
      () => Effect.succeed(exitCodes.failed)
    )
  )
}
