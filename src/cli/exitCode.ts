import * as CliError from "effect/cli/CliError"
import * as Predicate from "effect/Predicate"
import { RunFailed } from "./RunFailed.ts"

/** What the process ends with. The unit does not start it again on `useless`. */
export const exitCodes = {
  done: 0,
  /** Trying again may help. */
  failed: 1,
  /** The declaration or the settings cannot work: trying again is useless. EX_CONFIG of sysexits.h. */
  useless: 78,
  /** A job (restart policy `Never`) ended with a failure of its own. The unit does not start it again on this either. */
  jobFailed: 79,
  SIGINT: 130,
  SIGTERM: 143
} as const

const useless: ReadonlySet<string> = new Set([
  "DeclarationInvalid",
  "DeclarationUnreadable",
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
