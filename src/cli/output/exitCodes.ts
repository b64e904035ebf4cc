import * as CliError from "effect/cli/CliError"
import * as Runtime from "effect/Runtime"
import { unknownStatusCode } from "../../record/readStatus.ts"
import { finalExitCodes } from "../../text/finalExitCodes.ts"

/** The process's exit codes. The unit restarts it on `failed` alone. */
export const exitCodes = {
  done: 0,
  /** Trying again may help. */
  failed: 1,
  /** `status`: what runs is not what is declared. LSB's of a program that is not running. */
  notAsDeclared: 3,
  /** `status`: whether it is cannot be told. */
  unknown: unknownStatusCode,
  ...finalExitCodes,
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143
} as const

/** The signals that end the program, each with 128 plus its number. */
export const endingSignals = ["SIGHUP", "SIGINT", "SIGTERM"] as const satisfies ReadonlyArray<keyof typeof exitCodes>
export type EndingSignal = (typeof endingSignals)[number]

/** The error's own exit code. A command line that cannot be parsed stays so: retrying is useless. */
export const exitCodeOf = (error: unknown): number =>
  CliError.isCliError(error) ? exitCodes.useless : Runtime.getErrorExitCode(error)
