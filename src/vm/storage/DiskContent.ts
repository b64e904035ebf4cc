/** Why a disk is known to be blank: what was looked at, on the device itself. */
export interface BlankProof {
  readonly sizeBytes: number
  /** Byte ranges `[from, to)` that were read in full and hold zeros only: the first and the last MiB. */
  readonly zeroRanges: ReadonlyArray<readonly [from: number, to: number]>
}

/** What is on a device, probed on the device itself, never taken from udev's database. */
export type DiskContent =
  /** No signature of any kind and proof of blankness. The only content that may be formatted. */
  | { readonly _tag: "Blank"; readonly proof: BlankProof }
  | { readonly _tag: "Filesystem"; readonly type: string }
  /** A RAID, LVM or encryption member, a partition table, or signatures that contradict one another. */
  | { readonly _tag: "Signature"; readonly description: string }
  /** No signature, but data: neither blank nor anything that is known. */
  | { readonly _tag: "Data"; readonly description: string }
