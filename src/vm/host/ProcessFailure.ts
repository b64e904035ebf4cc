import { constants } from "node:os"
import * as Option from "effect/Option"
import type * as PlatformError from "effect/PlatformError"
import { CommandError, ProgramFailed, ProgramMissing } from "./CommandError.ts"
import type { Command } from "./Command.ts"

/**
 * Why a program could not be run. Only the system's error code is taken: the rest of the error quotes the command line,
 * which may hold secrets.
 */
export const notRun = (command: Command, { reason }: PlatformError.PlatformError): CommandError => {
  const { program, args } = command
  if (reason._tag === "NotFound" && reason.method === "spawn") {
    return new CommandError({ reason: new ProgramMissing({ program, argumentCount: args.length }) })
  }
  const detail = reason._tag === "BadArgument" ? reason.description : systemCode(reason.cause)
  return failed(command, detail ?? reason._tag)
}

/** The same for errors that Node throws instead of reporting (E2BIG, ENOMEM). */
export const notStarted = (command: Command, thrown: unknown): CommandError =>
  failed(command, systemCode(thrown) ?? "it could not be started")

/** The number of the signal that ended a program. The spawner's error has it only in its message. */
export const endingSignal = ({ reason }: PlatformError.PlatformError): Option.Option<number> => {
  const words = reason.method === "exitCode" && reason.cause instanceof Error ? reason.cause.message : ""
  const name = /'(SIG[A-Z0-9]+)'/.exec(words)?.[1]
  const signals: Readonly<Record<string, number>> = constants.signals
  return Option.fromUndefinedOr(name === undefined ? undefined : signals[name])
}

const failed = ({ program, args }: Command, detail: string): CommandError =>
  new CommandError({ reason: new ProgramFailed({ program, argumentCount: args.length, detail }) })

const systemCode = (cause: unknown): string | undefined =>
  typeof cause === "object" && cause !== null && "code" in cause && typeof cause.code === "string"
    ? cause.code
    : undefined
