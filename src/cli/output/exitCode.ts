import * as CliError from "effect/cli/CliError"
import * as Runtime from "effect/Runtime"
import { finalExitCodes } from "../../text/finalExitCodes.ts"

/** What the process ends with. The unit starts it again on `failed` alone. */
export const exitCodes = {
  done: 0,
  /** Trying again may help. */
  failed: 1,
  ...finalExitCodes,
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143
} as const

/** The signals that end the program, each with 128 plus its number. */
export const endingSignals = ["SIGHUP", "SIGINT", "SIGTERM"] as const satisfies ReadonlyArray<keyof typeof exitCodes>
export type EndingSignal = (typeof endingSignals)[number]

/** What an error says of itself. A command line that cannot be understood never can. */
export const exitCodeOf = (error: unknown): number =>
  CliError.isCliError(error) ? exitCodes.useless : Runtime.getErrorExitCode(error)
