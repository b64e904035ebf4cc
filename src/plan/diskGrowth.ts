import type { ObservedDisk } from "../observation/Observation.ts"
import type { DiskObservation } from "../vm/storage/Disks.ts"

/** A filesystem is smaller than its disk, which was made larger. */
export interface Growth {
  readonly fromBytes: number
  readonly toBytes: number
}

/**
 * What mkfs and its growing leave at the end of a disk: a piece too small for a block group or an allocation group of
 * its own. Sizes of disks differ by gigabytes. Source: `XFS_AG_MIN_BYTES` in xfsprogs; in resize2fs, a last block group
 * that has no room besides its own tables, of which few are larger.
 */
const remainderBytes = 16 * 1024 ** 2

/** Whether a filesystem has to grow: undefined if it does not, or if its size is not known. */
export const growthOf = (
  { mountedBytes }: ObservedDisk,
  { content, sizeBytes }: Extract<DiskObservation, { readonly _tag: "Present" }>
): Growth | undefined => {
  if (content._tag !== "Filesystem" || content.size === undefined) return undefined
  // Neither says more than there is.
  const fromBytes = Math.max(content.size.bytes, mountedBytes ?? 0)
  return sizeBytes - fromBytes >= remainderBytes ? { fromBytes, toBytes: sizeBytes } : undefined
}

/** `10 GiB`, `1.5 TiB`: as Google Cloud writes the sizes of disks. */
export const sizeText = (bytes: number): string => {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"]
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10))
  return `${Number((bytes / 1024 ** power).toFixed(1))} ${units[power]}`
}
