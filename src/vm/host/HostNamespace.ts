import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { CommandError, ProgramFailed, ProgramMissing } from "./CommandError.ts"
import type { Command, CommandResult } from "./Command.ts"

/** The mount namespace of the host's init process, in the /proc that is seen at `root`. */
export const hostNamespace = (procPath: string): string => `${procPath}/1/ns/mnt`

/** Wraps a command so that it runs in another mount namespace, with its programs and files. */
export const inNamespace = (namespace: string, { program, args, ...rest }: Command): Command => ({
  program: "nsenter",
  args: [`--mount=${namespace}`, "--", program, ...args],
  ...rest
})

/**
 * Tells a program's own result from nsenter's failures: 127 if there is no such program, 126 if it could not be
 * started, 1 if the namespace could not be entered, each with a line of nsenter's own on stderr, which a program never
 * prints. Source: EX_EXEC_ENOENT and EX_EXEC_FAILED in util-linux.
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

/** The namespaces; `none` if a link cannot be read. */
export interface NamespaceLinks {
  /** Where the host's /proc is assumed to be. */
  readonly procPath: string
  readonly ours: Option.Option<string>
  readonly hosts: Option.Option<string>
}

/**
 * The namespace that commands must enter; `none` if we are in it. Only root may read the link of another user's
 * process, so under our own /proc an unreadable link means nothing: commands run directly, and those that need root
 * fail and say so. If the host's /proc was mounted for us, we are in a container: commands enter the namespace whatever
 * can be read, and those that cannot say why.
 */
export const namespaceToEnter = ({ procPath, ours, hosts }: NamespaceLinks): Option.Option<string> => {
  const differs = Option.isSome(ours) && Option.isSome(hosts) ? ours.value !== hosts.value : procPath !== "/proc"
  return differs ? Option.some(hostNamespace(procPath)) : Option.none()
}
