import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { CommandError } from "./CommandError.ts"
import { CommandRunner } from "./CommandRunner.ts"
import { complaint } from "./Complaint.ts"
import * as DiskProbe from "./DiskProbe.ts"
import { checkCommand, type CheckOutcome, checkOutcome, formatCommand } from "./Ext4.ts"
import { HostFiles } from "./HostFiles.ts"

export type { CheckOutcome } from "./Ext4.ts"

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
  /** Another has the device open for a moment; nothing was written. */
  get isRetryable() {
    return this.operation === "format" && /apparently in use by the system/.test(this.detail)
  }
  override get message() {
    return `${this.operation} ${this.device}: ${this.detail}`
  }
}

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
>()("slipway/vm/Disks") {
  /** Over the host's own lsblk, blkid, dd, fsck.ext4 and mkfs.ext4. */
  static readonly layer = Layer.effect(
    Disks,
    Effect.gen(function* () {
      const runner = yield* CommandRunner
      const files = yield* HostFiles

      const readContent = Effect.fnUntraced(function* (device: string, path: string, sizeBytes: number) {
        const probe = yield* orFail(
          "inspect",
          device,
          DiskProbe.probed(yield* runner.run(DiskProbe.probeCommand(path)))
        )
        // What has a signature is not blank, whatever its first and last MiB hold.
        const ranges = probe._tag === "Nothing" ? DiskProbe.proofRanges(sizeBytes) : []
        const reads = yield* Effect.forEach(
          ranges,
          (range) =>
            Effect.flatMap(runner.run(DiskProbe.readCommand(path, range)), (result) =>
              orFail("inspect", device, DiskProbe.rangeRead(range, result))
            ),
          { concurrency: "unbounded" }
        )
        return DiskProbe.diskContent(probe, sizeBytes, reads)
      })

      return Disks.of({
        observe: Effect.fn("Disks.observe")(function* (deviceName, partition) {
          const device = devicePath(deviceName, partition)
          const path = yield* files
            .resolve(device)
            .pipe(
              Effect.catchTag(
                "HostFileFailed",
                ({ detail }) => new DiskFailed({ operation: "inspect", device, detail })
              )
            )
          if (Option.isNone(path)) return { _tag: "Missing", device }
          const listed = yield* runner.run(DiskProbe.listCommand(path.value))
          const block = yield* orFail("inspect", device, DiskProbe.listedDevice(listed))
          if (Option.isNone(block)) return { _tag: "NotBlockDevice", device }
          const content = yield* readContent(device, path.value, block.value.sizeBytes)
          return { _tag: "Present", device, path: path.value, ...block.value, content }
        }),
        check: Effect.fn("Disks.check")(function* (device) {
          return yield* orFail("check", device, checkOutcome(yield* runner.run(checkCommand(device))))
        }),
        format: Effect.fn("Disks.format")(function* (device) {
          const result = yield* runner.run(formatCommand(device))
          if (result.exitCode !== 0) {
            return yield* new DiskFailed({ operation: "format", device, detail: complaint(result) })
          }
        })
      })
    })
  )
}

const orFail = <A>(operation: DiskFailed["operation"], device: string, result: Result.Result<A, string>) =>
  Effect.fromResult(Result.mapError(result, (detail) => new DiskFailed({ operation, device, detail })))

/** `/dev/disk/by-id/google-<deviceName>[-part<N>]` */
export const devicePath = (deviceName: string, partition: number): string =>
  `/dev/disk/by-id/google-${deviceName}${partition > 0 ? `-part${partition}` : ""}`
