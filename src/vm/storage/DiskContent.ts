/** Proof that a disk is blank, read from the device itself. */
export interface BlankProof {
  readonly _tag: "Blank"
  readonly sizeBytes: number
  /** Byte ranges `[from, to)` that were read in full and are all zeros: the first and the last MiB. */
  readonly zeroRanges: ReadonlyArray<readonly [from: number, to: number]>
}

/** A filesystem of whatever type. */
export interface FilesystemContent {
  readonly _tag: "Filesystem"
  readonly type: string
  /** Absent if it has none. Printable, on one line. */
  readonly label?: string
  readonly uuid?: string
  /** How large it is; known of ext4 and xfs alone. */
  readonly size?: FilesystemSize
}

/** How large a filesystem is by its own superblock, which may be less than its device. */
export interface FilesystemSize {
  readonly bytes: number
  /** Of these, what the journal of xfs takes, which statfs leaves out. */
  readonly logBytes: number
}

/** What is on a device. Probed on the device itself, never taken from udev's database. */
export type DiskContent =
  /** No signature of any kind, and proof of blankness. The only content that may be formatted. */
  | { readonly _tag: "Blank"; readonly proof: BlankProof }
  | FilesystemContent
  /** A RAID, LVM or encryption member, a partition table, or contradictory signatures. */
  | { readonly _tag: "Signature"; readonly description: string }
  /** Data without a known signature, or what a killed mkfs has left: neither blank nor recognized. */
  | { readonly _tag: "Data"; readonly description: string }

/** `a filesystem of type xfs, labelled "data" (UUID 1f1922c4-…)`, by which an operator knows which disk it is. */
export const filesystemWords = (content: FilesystemContent): string =>
  `a filesystem of type ${content.type}${identityWords(content)}`

/** `, labelled "data" (UUID 1f1922c4-…)`; empty if it has neither. */
export const identityWords = ({ label, uuid }: FilesystemContent): string =>
  (label === undefined ? "" : `, labelled "${label}"`) + (uuid === undefined ? "" : ` (UUID ${uuid})`)
