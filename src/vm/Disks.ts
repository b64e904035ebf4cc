import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { CommandError } from "./CommandError.ts"

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

export type DiskObservation =
  /** There is no such link under `/dev/disk/by-id`. */
  | { readonly _tag: "Missing"; readonly device: string }
  | { readonly _tag: "NotBlockDevice"; readonly device: string }
  | {
      readonly _tag: "Present"
      /** The link, `/dev/disk/by-id/google-<deviceName>[-part<N>]`. */
      readonly device: string
      /** What it points to, `/dev/sdb`; the name that the mount table uses. */
      readonly path: string
      readonly sizeBytes: number
      /** Paths of its partitions and other children. */
      readonly children: ReadonlyArray<string>
      readonly content: DiskContent
    }

/** A disk could not be read, checked or formatted; `detail` is the program's own word for why. */
export class DiskFailed extends Schema.TaggedError<DiskFailed>()("DiskFailed", {
  operation: Schema.Literals(["inspect", "check", "format"]),
  device: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `${this.operation} ${this.device}: ${this.detail}`
  }
}

/** What a filesystem check did. */
export type CheckOutcome = "clean" | "repaired"

/** Attached disks and what is on them. */
export class Disks extends Context.Service<
  Disks,
  {
    /** Reads only. A partition of 0 is the whole disk. */
    readonly observe: (
      deviceName: string,
      partition: number
    ) => Effect.Effect<DiskObservation, CommandError | DiskFailed>
    /** `fsck.ext4 -p`. Repairs what it can repair without being asked. Source of the exit code's bits: fsck(8). */
    readonly check: (device: string) => Effect.Effect<CheckOutcome, CommandError | DiskFailed>
    /** `mkfs.ext4`. The caller holds proof that the device is blank. */
    readonly format: (device: string) => Effect.Effect<void, CommandError | DiskFailed>
  }
>()("slipway/vm/Disks") {}

/** `/dev/disk/by-id/google-<deviceName>[-part<N>]` */
export const devicePath = (deviceName: string, partition: number): string =>
  `/dev/disk/by-id/google-${deviceName}${partition > 0 ? `-part${partition}` : ""}`
