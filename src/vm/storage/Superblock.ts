import type { Filesystem } from "../../workload/Filesystem.ts"
import type { Command, CommandResult } from "../host/Command.ts"
import type { FilesystemSize } from "./DiskContent.ts"

/** Where ext4's superblock ends; that of xfs is in the first sector. */
const readBytes = 2048

/** Prints the beginning of a device as hexadecimal bytes, since output is text. */
export const readSuperblockCommand = (path: string): Command => ({
  program: "od",
  args: ["-A", "n", "-v", "-t", "x1", "-N", String(readBytes), "--", path]
})

/** What a superblock says. */
export type Superblock =
  | { readonly _tag: "Whole"; readonly size: FilesystemSize }
  /** mkfs.xfs has begun it and was killed: the kernel refuses it. */
  | { readonly _tag: "Unfinished" }
  /** It could not be read, or is another filesystem's. */
  | { readonly _tag: "Unknown" }

const unknown: Superblock = { _tag: "Unknown" }

export const superblock = (filesystem: Filesystem, { exitCode, stdout }: CommandResult): Superblock => {
  if (exitCode !== 0) return unknown
  const bytes = stdout.split(/\s+/).flatMap((byte) => (/^[0-9a-f]{2}$/.test(byte) ? [Number.parseInt(byte, 16)] : []))
  if (bytes.length !== readBytes) return unknown
  return layouts[filesystem](new DataView(Uint8Array.from(bytes).buffer))
}

/** Source: fs/ext4/ext4.h. Little-endian, 1024 bytes from the beginning. */
const ext4 = (view: DataView): Superblock => {
  const at = 1024
  if (view.getUint16(at + 56, true) !== 0xef53) return unknown
  const has64bit = (view.getUint32(at + 96, true) & 0x80) !== 0
  const blocks = view.getUint32(at + 4, true) + (has64bit ? view.getUint32(at + 336, true) * 2 ** 32 : 0)
  const logBlockSize = view.getUint32(at + 24, true)
  // The kernel's own limit is 64 KiB, 2^6 KiB.
  return logBlockSize > 6 ? unknown : sized(blocks, 1024 * 2 ** logBlockSize, 0)
}

/** Source: fs/xfs/libxfs/xfs_format.h. Big-endian. */
const xfs = (view: DataView): Superblock => {
  if (view.getUint32(0) !== 0x58465342) return unknown
  if (view.getUint8(126) !== 0) return { _tag: "Unfinished" }
  const hasOwnLog = view.getBigUint64(48) !== 0n
  return sized(Number(view.getBigUint64(8)), view.getUint32(4), hasOwnLog ? view.getUint32(96) : 0)
}

const sized = (blocks: number, blockBytes: number, logBlocks: number): Superblock => {
  const bytes = blocks * blockBytes
  const logBytes = logBlocks * blockBytes
  return bytes > 0 && Number.isSafeInteger(bytes) && logBytes < bytes
    ? { _tag: "Whole", size: { bytes, logBytes } }
    : unknown
}

const layouts: Readonly<Record<Filesystem, (view: DataView) => Superblock>> = { ext4, xfs }
