import * as Result from "effect/Result"
import type { Command, CommandResult } from "../host/Command.ts"
import { complaint } from "../host/Complaint.ts"
import { oneLine } from "../../text/printable.ts"

/** What a filesystem check came to. */
export type CheckOutcome =
  | "clean"
  | "repaired"
  /** The filesystem is newer than the VM's fsck.ext4, which touched nothing; the kernel may know it all the same. */
  | { readonly _tag: "Unsupported"; readonly detail: string }

/** Why a check failed, in the program's own words; a repair of what is damaged is for a human to decide. */
export interface CheckFailure {
  readonly detail: string
  readonly isDamaged: boolean
}

/** Repairs, without being asked, what can be repaired safely. */
export const checkCommand = (device: string): Command => ({ program: "fsck.ext4", args: ["-p", "--", device] })

/**
 * The exit code is a bit field: 1 is "errors corrected", 2 "reboot" (only of concern to a mounted root filesystem),
 * 4 "errors left", 8 and up that the check itself failed. Source: fsck(8). The cause of a 4 is on standard output, and on
 * standard error only that there is one. Of a filesystem that is too new e2fsck 1.47 says so with 4, 8 or 12, whether the
 * unknown feature is one that the kernel must know or not.
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
 * In the words of e2fsck 1.42 to 1.47, which come after the device or, where its library is what does not know the feature,
 * after the program; not those of a file that is named so.
 */
const tooNew =
  /^\S+ (?:Filesystem )?(?:has )?(unsupported (?:read-only )?feature\(s\)[^\n]*|Journal superblock has an unknown [a-z-]+ feature flag set)/m

const superblockUnreadable = /superblock could not be read or does not describe a valid/

/** Shows the superblock, also of a filesystem that is newer than the program. */
export const superblockCommand = (device: string): Command => ({
  program: "dumpe2fs",
  args: ["-h", "-f", "--", device]
})

/** Whether the journal holds changes that are not in the filesystem yet. */
export const needsRecovery = ({ stdout }: CommandResult): boolean =>
  /^Filesystem features:.*\bneeds_recovery\b/m.test(stdout)

/**
 * Without `-F`, mkfs.ext4 refuses what is mounted or in use; over a filesystem it asks a terminal only, and writes where
 * there is none: the caller's proof of blankness is the safeguard. `-q`, so that its death is not ours: a mkfs that
 * writes to a pipe which nobody reads any more is killed half-way.
 */
export const formatCommand = (device: string): Command => ({ program: "mkfs.ext4", args: ["-q", "--", device] })
