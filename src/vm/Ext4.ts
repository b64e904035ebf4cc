import * as Result from "effect/Result"
import type { Command, CommandResult } from "./CommandRunner.ts"
import { complaint } from "./Complaint.ts"

/** What a filesystem check did. */
export type CheckOutcome = "clean" | "repaired"

/** Repairs, without being asked, what can be repaired safely. */
export const checkCommand = (device: string): Command => ({ program: "fsck.ext4", args: ["-p", "--", device] })

/**
 * The exit code is a bit field: 1 is "errors corrected", 2 "reboot" (only of concern to a mounted root filesystem),
 * from 4 on something is left that is wrong. Source: fsck(8).
 */
export const checkOutcome = (result: CommandResult): Result.Result<CheckOutcome, string> =>
  (result.exitCode & ~3) !== 0
    ? Result.fail(complaint(result))
    : Result.succeed(result.exitCode === 0 ? "clean" : "repaired")

/**
 * Without `-F`, mkfs.ext4 refuses what is mounted or in use; over a filesystem it asks a terminal only, and writes where
 * there is none: the caller's proof of blankness is the safeguard. `-q`, so that its death is not ours: a mkfs that
 * writes to a pipe which nobody reads any more is killed half-way.
 */
export const formatCommand = (device: string): Command => ({ program: "mkfs.ext4", args: ["-q", "--", device] })
