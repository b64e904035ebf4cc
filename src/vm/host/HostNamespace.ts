import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { CommandError, ProgramFailed, ProgramMissing } from "./CommandError.ts"
import type { Command, CommandResult } from "./Command.ts"

/** The mount namespace of the host's first process, under a root at which the host's /proc is seen. */
export const hostNamespace = (procPath: string): string => `${procPath}/1/ns/mnt`

/** The command that runs a command in another mount namespace, its programs and its files included. */
export const inNamespace = (namespace: string, { program, args, stdin }: Command): Command => ({
  program: "nsenter",
  args: [`--mount=${namespace}`, "--", program, ...args],
  stdin
})

/**
 * Tells what the program left behind from nsenter's own failures: 127 where it found no such program, 126 where it
 * could not start it, 1 where it could not enter the namespace, each with a line of its own on stderr. A program that
 * is run by it does not speak in its name. Source: EX_EXEC_ENOENT and EX_EXEC_FAILED in util-linux.
 */
export const namespaceResult = (
  { program, args }: Command,
  result: CommandResult
): Result.Result<CommandResult, CommandError> => {
  if (result.exitCode === 0 || !result.stderr.startsWith("nsenter: ")) return Result.succeed(result)
  const fields = { program, argumentCount: args.length }
  const detail = result.stderr.slice("nsenter: ".length).trimEnd()
  const reason =
    result.exitCode === 127 || detail === `failed to execute ${program}: No such file or directory`
      ? new ProgramMissing(fields)
      : new ProgramFailed({ ...fields, detail: `in the host's mount namespace: ${detail}` })
  return Result.fail(new CommandError({ reason }))
}

/** What is known of the namespaces; `none` where a link cannot be read. */
export interface NamespaceLinks {
  /** Where the host's /proc is taken to be. */
  readonly procPath: string
  readonly ours: Option.Option<string>
  readonly hosts: Option.Option<string>
}

/**
 * The namespace that commands must enter; `none` where we are in it. Only root may read the link of another user's
 * process, so that one which cannot be read means nothing under our own /proc: there commands run directly, and those
 * that need root say so. A /proc of the host's that was mounted for us is there because we are in a container: there
 * commands enter the namespace whatever can be read, and those that cannot say why.
 */
export const namespaceToEnter = ({ procPath, ours, hosts }: NamespaceLinks): Option.Option<string> => {
  const differs = Option.isSome(ours) && Option.isSome(hosts) ? ours.value !== hosts.value : procPath !== "/proc"
  return differs ? Option.some(hostNamespace(procPath)) : Option.none()
}
