import type { Command, CommandResult } from "../host/Command.ts"
import { complaint } from "../host/Complaint.ts"

/**
 * mkfs.xfs refuses a device that is mounted or in use, and, without `-f`, one that holds anything: `force` is for what a
 * killed mkfs of ours has left. `-q`: one that writes to a pipe whose reader has died is killed half-way.
 */
export const formatCommand = (device: string, force: boolean): Command => ({
  program: "mkfs.xfs",
  args: ["-q", ...(force ? ["-f"] : []), "--", device]
})

/** Prints its version and does nothing. */
export const versionCommand: Command = { program: "mkfs.xfs", args: ["-V"] }

/** Grows the filesystem that is mounted there to the size of its device. */
export const growCommand = (target: string): Command => ({ program: "xfs_growfs", args: ["-d", "--", target] })

/** Shows the state of the log, and what is in it, without replaying anything. */
export const logCommand = (device: string): Command => ({ program: "xfs_logprint", args: ["-t", "--", device] })

/** Whether the log has changes that are not yet in the filesystem. */
export const needsRecovery = ({ stdout }: CommandResult): boolean => /^\s*log tail: .* state: <DIRTY>/m.test(stdout)

/** mkfs.xfs says what is wrong, and behind that all its options. */
export const formatComplaint = (result: CommandResult): string =>
  complaint({ ...result, stderr: result.stderr.split(/^Usage: /m, 1).join() })
