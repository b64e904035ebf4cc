import * as Result from "effect/Result"
import type { Command, CommandResult } from "../host/Command.ts"
import { complaint } from "../host/Complaint.ts"
import { oneLine } from "../../text/printable.ts"

/** What a filesystem check came to. */
export type CheckOutcome =
  | "clean"
  | "repaired"
  /** The filesystem is newer than the VM's fsck.ext4, which did nothing. The kernel may still mount it. */
  | { readonly _tag: "Unsupported"; readonly detail: string }

/** Why a check failed, in the program's own words. A human must decide how to repair the damage. */
export interface CheckFailure {
  readonly detail: string
  readonly isDamaged: boolean
}

/** Repairs what can be repaired safely, without asking. */
export const checkCommand = (device: string): Command => ({ program: "fsck.ext4", args: ["-p", "--", device] })

/**
 * The exit code is a bit field: 1 is "errors corrected", 2 "reboot" (which concerns only a mounted root filesystem), 4
 * "errors left", 8 and above that the check itself failed. Source: fsck(8). The cause of a 4 is on stdout; stderr only
 * says that there is one. For a filesystem that is too new e2fsck 1.47 exits with 4, 8 or 12, whether or not the kernel
 * must know the feature.
 */
export const checkOutcome = (device: string, result: CommandResult): Result.Result<CheckOutcome, CheckFailure> => {
  if ((result.exitCode & ~3) === 0) return Result.succeed(result.exitCode === 0 ? "clean" : "repaired")
  const said = `${result.stdout}\n${result.stderr}`
  const [, unsupported] = tooNew.exec(said) ?? []
  if (unsupported !== undefined) return Result.succeed({ _tag: "Unsupported", detail: oneLine(unsupported) })
  const detail = complaint({ ...result, stdout: "", stderr: said.replaceAll(`${device}: `, "") })
  const isDamaged = (result.exitCode & 4) !== 0 || superblockUnreadable.test(said)
  return Result.fail({ detail, isDamaged })
}

/**
 * The words of e2fsck 1.42 to 1.47. They follow the name of the device, or of the program where its library does not
 * know the feature; a file of that name does not match.
 */
const tooNew =
  /^\S+ (?:Filesystem )?(?:has )?(unsupported (?:read-only )?feature\(s\)[^\n]*|Journal superblock has an unknown [a-z-]+ feature flag set)/m

const superblockUnreadable = /superblock could not be read or does not describe a valid/

/** Shows the superblock, even of a filesystem that is newer than the program. */
export const superblockCommand = (device: string): Command => ({
  program: "dumpe2fs",
  args: ["-h", "-f", "--", device]
})

/** Whether the journal has changes that are not yet in the filesystem. */
export const needsRecovery = ({ stdout }: CommandResult): boolean =>
  /^Filesystem features:.*\bneeds_recovery\b/m.test(stdout)

/**
 * Without `-F`, mkfs.ext4 refuses a device that is mounted or in use. Before it overwrites a filesystem it asks only a
 * terminal, and without one goes ahead: the caller's proof of blankness is the safeguard. `-q`: a mkfs that writes to a
 * pipe whose reader has died is killed half-way, so it must print nothing.
 */
export const formatCommand = (device: string): Command => ({ program: "mkfs.ext4", args: ["-q", "--", device] })

/** Grows a filesystem to the size of its device, while it is mounted: then the kernel does it. */
export const growCommand = (path: string): Command => ({ program: "resize2fs", args: ["--", path] })

/** resize2fs prints its version to stderr first, and the reason before what it would have done. */
export const growComplaint = (result: CommandResult): string =>
  complaint({ ...result, stderr: result.stderr.replace(/^resize2fs \d.*\n/, "") })
