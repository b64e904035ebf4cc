/** Proof that a disk is blank, read from the device itself. */
export interface BlankProof {
  readonly _tag: "Blank"
  readonly sizeBytes: number
  /** Byte ranges `[from, to)` that were read in full and are all zeros: the first and the last MiB. */
  readonly zeroRanges: ReadonlyArray<readonly [from: number, to: number]>
}

/** What is on a device. Probed on the device itself, never taken from udev's database. */
export type DiskContent =
  /** No signature of any kind, and proof of blankness. The only content that may be formatted. */
  | { readonly _tag: "Blank"; readonly proof: BlankProof }
  | { readonly _tag: "Filesystem"; readonly type: string }
  /** A RAID, LVM or encryption member, a partition table, or contradictory signatures. */
  | { readonly _tag: "Signature"; readonly description: string }
  /** Data without a known signature: neither blank nor recognized. */
  | { readonly _tag: "Data"; readonly description: string }
