import * as CliError from "effect/cli/CliError"
import * as Predicate from "effect/Predicate"
import { finalExitCodes } from "../../install/unit.ts"
import { RunFailed } from "./RunFailed.ts"

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

const useless: ReadonlySet<string> = new Set([
  "DeclarationInvalid",
  "DeclarationUnreadable",
  "DeclarationKeyMisspelt",
  "SettingsInvalid",
  "InputUnreadable",
  "MetadataHostInvalid",
  "KonletPresent",
  "ProgramTransient"
])

export const exitCodeOf = (error: unknown): number => {
  if (error instanceof RunFailed) return exitCodeOf(error.error)
  if (Predicate.isTagged(error, "JobFailed")) return exitCodes.jobFailed
  return CliError.isCliError(error) || (Predicate.hasProperty(error, "_tag") && useless.has(String(error._tag)))
    ? exitCodes.useless
    : exitCodes.failed
}
