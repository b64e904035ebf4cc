import { devicePath } from "../../workload/devicePath.ts"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { CommandError } from "../host/CommandError.ts"
import { CommandRunner } from "../host/CommandRunner.ts"
import { complaint } from "../host/Complaint.ts"
import * as DiskProbe from "./DiskProbe.ts"
import { type DiskContent, type FilesystemContent, filesystemWords } from "./DiskContent.ts"
import * as Ext4 from "./Ext4.ts"
import { HostFiles } from "../host/HostFiles.ts"
import { type Filesystem, isFilesystem } from "../../workload/Filesystem.ts"
import { readSuperblockCommand, superblock } from "./Superblock.ts"
import * as Xfs from "./Xfs.ts"

export type { CheckOutcome } from "./Ext4.ts"

/** What there is of a disk on the host. */
export type DiskObservation =
  /** There is no such link under `/dev/disk/by-id`, nor any of the other links of a local SSD. */
  | { readonly _tag: "Missing"; readonly device: string; readonly otherLinks?: ReadonlyArray<string> }
  | { readonly _tag: "NotBlockDevice"; readonly device: string }
  | {
      readonly _tag: "Present"
      /** The link that was found, `/dev/disk/by-id/google-<deviceName>[-part<N>]`. */
      readonly device: string
      /** The device that it points to, `/dev/sdb`: its name in the mount table. */
      readonly path: string
      readonly sizeBytes: number
      /** Paths of its partitions and other children. */
      readonly children: ReadonlyArray<string>
      readonly content: DiskContent
    }

/** A disk could not be read, checked, formatted or grown. `detail` is the program's own message. */
export class DiskFailed extends Schema.TaggedError<DiskFailed>()("DiskFailed", {
  operation: Schema.Literals(["inspect", "check", "format", "grow"]),
  device: Schema.String,
  detail: Schema.String,
  /** What is on it, where that is known: `a filesystem of type ext4, labelled "data"`. */
  holds: Schema.optionalKey(Schema.String),
  /** A human must decide how to repair its filesystem. */
  isDamaged: Schema.optionalKey(Schema.Boolean)
}) {
  /** Another process has the device open; nothing was written. */
  get isRetryable() {
    return (
      this.operation === "format" &&
      /apparently in use by the system|cannot open .*: Device or resource busy/.test(this.detail)
    )
  }
  override get message() {
    const holds = this.holds === undefined ? "" : `, which holds ${this.holds}`
    const failed = `${this.operation} ${this.device}${holds}: ${this.detail}`
    return this.isDamaged === true
      ? `${failed}. To repair it take a snapshot of the disk, stop the container, unmount the volume, and run this, ` +
          `which asks before each change: fsck.ext4 -f ${this.device}`
      : failed
  }
}

/** Attached disks and what is on them. */
export class Disks extends Context.Service<
  Disks,
  {
    /** Read-only. Partition 0 is the whole disk. */
    readonly observe: (
      deviceName: string,
      partition: number
    ) => Effect.Effect<DiskObservation, CommandError | DiskFailed>
    /** `fsck.ext4 -p`: repairs what can be repaired safely. */
    readonly check: (device: string) => Effect.Effect<Ext4.CheckOutcome, CommandError | DiskFailed>
    /** Whether a journal must be replayed. False if it cannot be read. */
    readonly needsRecovery: (device: string, filesystem: Filesystem) => Effect.Effect<boolean, CommandError>
    /** The name of the program that formats as this, if the host does not have it. */
    readonly missingFormatter: (filesystem: Filesystem) => Effect.Effect<Option.Option<string>, CommandError>
    /**
     * `mkfs.ext4` or `mkfs.xfs`. The caller has proof that the device is blank, or, with `force`, that what is on it was
     * left by a killed mkfs.
     */
    readonly format: (
      device: string,
      filesystem: Filesystem,
      options?: { readonly force: boolean }
    ) => Effect.Effect<void, CommandError | DiskFailed>
    /** `resize2fs` or `xfs_growfs`: grows what is mounted to the size of its device, while it is in use. */
    readonly grow: (mounted: MountedDisk) => Effect.Effect<void, CommandError | DiskFailed>
  }
>()("slipway/vm/Disks") {
  /** Uses the host's lsblk, blkid, dd, od, and the programs of e2fsprogs and xfsprogs. */
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
        // A signature means not blank, whatever the first and last MiB hold.
        const ranges = probe._tag === "Nothing" ? DiskProbe.proofRanges(sizeBytes) : []
        const reads = yield* Effect.forEach(
          ranges,
          (range) =>
            Effect.flatMap(runner.run(DiskProbe.readCommand(path, range)), (result) =>
              orFail("inspect", device, DiskProbe.rangeRead(range, result))
            ),
          { concurrency: "unbounded" }
        )
        const content = DiskProbe.diskContent(probe, sizeBytes, reads)
        return content._tag === "Filesystem" && isFilesystem(content.type)
          ? yield* withSize(content, content.type, path)
          : content
      })

      const withSize = Effect.fnUntraced(function* (
        content: FilesystemContent,
        filesystem: Filesystem,
        path: string
      ): Effect.fn.Return<DiskContent, CommandError> {
        const read = yield* runner.run(readSuperblockCommand(path)).pipe(
          Effect.map((result) => superblock(filesystem, result)),
          // Without its size it is not grown, and all else goes on.
          Effect.catchIf(
            (error) => !error.isRetryable,
            () => Effect.succeed({ _tag: "Unknown" } as const)
          )
        )
        switch (read._tag) {
          case "Whole":
            return { ...content, size: read.size }
          case "Unfinished":
            return { _tag: "Data", description: `${filesystemWords(content)}, whose mkfs did not come to its end` }
          case "Unknown":
            return content
        }
      })

      const resolve = (device: string) =>
        Effect.catchTag(
          files.resolve(device),
          "HostFileFailed",
          ({ detail }) => new DiskFailed({ operation: "inspect", device, detail })
        )

      const inspect = Effect.fnUntraced(function* (device: string, path: string) {
        const listed = yield* runner.run(DiskProbe.listCommand(path))
        const block = yield* orFail("inspect", device, DiskProbe.listedDevice(listed))
        if (Option.isNone(block)) return { _tag: "NotBlockDevice", device } as const
        const content = yield* readContent(device, path, block.value.sizeBytes)
        return { _tag: "Present", device, path, ...block.value, content } as const
      })

      return Disks.of({
        observe: Effect.fn("Disks.observe")(function* (deviceName, partition) {
          const device = devicePath(deviceName, partition)
          const otherLinks = linkNames(deviceName).map((name) => devicePath(name, partition))
          for (const link of [device, ...otherLinks]) {
            const path = yield* resolve(link)
            if (Option.isSome(path)) return yield* inspect(link, path.value)
          }
          return { _tag: "Missing", device, ...(otherLinks.length === 0 ? {} : { otherLinks }) }
        }),
        check: Effect.fn("Disks.check")(function* (device) {
          const outcome = Ext4.checkOutcome(device, yield* runner.run(Ext4.checkCommand(device)))
          return yield* Effect.fromResult(
            Result.mapError(outcome, (failure) => new DiskFailed({ operation: "check", device, ...failure }))
          )
        }),
        needsRecovery: Effect.fn("Disks.needsRecovery")(function* (device, filesystem) {
          return filesystem === "xfs"
            ? Xfs.needsRecovery(yield* runner.run(Xfs.logCommand(device)))
            : Ext4.needsRecovery(yield* runner.run(Ext4.superblockCommand(device)))
        }),
        missingFormatter: Effect.fn("Disks.missingFormatter")(function* (filesystem) {
          // e2fsprogs is part of every system; Container-Optimized OS has no xfsprogs.
          if (filesystem !== "xfs") return Option.none()
          return yield* runner.run(Xfs.versionCommand).pipe(
            Effect.as(Option.none<string>()),
            Effect.catchReason("CommandError", "ProgramMissing", ({ program }) => Effect.succeedSome(program))
          )
        }),
        format: Effect.fn("Disks.format")(function* (device, filesystem, { force } = { force: false }) {
          const result = yield* runner.run(
            filesystem === "xfs" ? Xfs.formatCommand(device, force) : Ext4.formatCommand(device)
          )
          if (result.exitCode !== 0) {
            const detail = filesystem === "xfs" ? Xfs.formatComplaint(result) : complaint(result)
            return yield* new DiskFailed({ operation: "format", device, detail })
          }
        }),
        grow: Effect.fn("Disks.grow")(function* ({ device, path, target, filesystem }) {
          const result = yield* runner.run(filesystem === "xfs" ? Xfs.growCommand(target) : Ext4.growCommand(path))
          if (result.exitCode !== 0) {
            const detail = filesystem === "xfs" ? complaint(result) : Ext4.growComplaint(result)
            return yield* new DiskFailed({ operation: "grow", device, detail })
          }
        })
      })
    })
  )
}

/** A disk that is mounted. */
export interface MountedDisk {
  readonly device: string
  /** The device that the link points to. */
  readonly path: string
  readonly target: string
  readonly filesystem: Filesystem
}

/** What an operator can run to the same end. */
export const growLine = ({ path, target, filesystem }: MountedDisk): string =>
  filesystem === "xfs" ? `xfs_growfs ${target}` : `resize2fs ${path}`

const orFail = <A>(operation: DiskFailed["operation"], device: string, result: Result.Result<A, string>) =>
  Effect.fromResult(Result.mapError(result, (detail) => new DiskFailed({ operation, device, detail })))

/**
 * Metadata calls a local SSD `local-ssd-<N>` on either bus. Its link has that name on SCSI, but `local-nvme-ssd-<N>` on
 * NVMe; a declaration may use either. Source: cloud.google.com/compute/docs/disks/disk-symlinks.
 */
const localSsd = /^local-(?:nvme-)?ssd-(\d+)$/

/** Other names that a disk's link may have. */
const linkNames = (deviceName: string): ReadonlyArray<string> => {
  const [, number] = localSsd.exec(deviceName) ?? []
  const names = number === undefined ? [] : [`local-ssd-${number}`, `local-nvme-ssd-${number}`]
  return names.filter((name) => name !== deviceName)
}

/** The canonical name of a disk, whichever of its names is given. */
export const canonicalName = (deviceName: string): string => deviceName.replace(localSsd, "local-ssd-$1")
