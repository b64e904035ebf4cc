import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as Schema from "effect/Schema"
import type { DiskVolume } from "../workload/Workload.ts"
import { devicePath } from "../workload/devicePath.ts"
import { type DiskObservation, Disks, canonicalName } from "../vm/storage/Disks.ts"
import { Mounts } from "../vm/storage/Mounts.ts"
import type { Mount } from "../vm/storage/MountTable.ts"
import { defaultFilesystem, isFilesystem } from "../workload/Filesystem.ts"
import { type AttachedDisk, MetadataProvider } from "../vm/metadata/MetadataProvider.ts"
import { Deadlines } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import { makeFormatRecords } from "./FormatRecord.ts"
import type { ObservedDisk } from "./Observation.ts"
import { tell } from "../progress/Progress.ts"
import { type DeclarationOrigin, isFinalFor } from "./DeclarationOrigin.ts"
import { within } from "../timing/stopwatch.ts"

/** The declaration has a disk, and metadata, which alone says what is attached and how, cannot be read. */
export class AttachedDisksUnknown extends Schema.TaggedError<AttachedDisksUnknown>()("AttachedDisksUnknown", {
  deviceNames: Schema.Array(Schema.String),
  /** Why metadata cannot be read. */
  detail: Schema.String
}) {
  get advice() {
    return "Outside of Google Cloud, mount the disk yourself and declare its mount point as a hostPath; or name a metadata server that lists it with GCE_METADATA_HOST."
  }
  override get message() {
    const disks = this.deviceNames.map((name) => `"${name}"`).join(", ")
    return (
      `whether the declaration's gcePersistentDisk ${disks} is attached to this machine, and whether read-only, ` +
      `only the VM's metadata says: ${this.detail}`
    )
  }
}

/** What is attached to the VM, and what is on each disk of the declaration. */
export const observeDisks = Effect.fnUntraced(function* (
  volumes: ReadonlyArray<DiskVolume>,
  source: DeclarationOrigin
) {
  if (volumes.length === 0) return { attached: [], disks: [] }
  const metadata = yield* MetadataProvider
  const attached = yield* metadata.disks.pipe(
    attempt("METADATA", "read the attached disks from metadata", isFinalFor(source)),
    // Without metadata the devices themselves show which disks there are.
    (read) =>
      source === "last good"
        ? Effect.orElseSucceed(read, () =>
            volumes.map(({ deviceName }): AttachedDisk => ({ deviceName, mode: "READ_WRITE" }))
          )
        : Effect.catchTag(read, "MetadataError", ({ message }) => {
            return new AttachedDisksUnknown({
              deviceNames: volumes.map(({ deviceName }) => deviceName),
              detail: message
            })
          })
  )
  const byName = new Map(attached.map((disk) => [canonicalName(disk.deviceName), disk]))
  const disks = yield* Effect.forEach(volumes, (volume) => observeDisk(volume, byName), { concurrency: 8 })
  return { attached, disks }
})

/** A disk that metadata lists may appear late and is waited for; any other is not. */
const observeDisk = Effect.fnUntraced(function* (volume: DiskVolume, attached: ReadonlyMap<string, AttachedDisk>) {
  const absent: ObservedDisk = { volume, device: Option.none() }
  const attachment = attached.get(canonicalName(volume.deviceName))
  if (attachment === undefined) return absent
  const disks = yield* Disks
  const { DISK } = yield* Deadlines
  const device = devicePath(volume.deviceName, volume.partition)
  const look = disks.observe(volume.deviceName, volume.partition).pipe(attempt("INSPECT", `inspect ${device}`))
  const first = yield* look
  if (first._tag !== "Missing") return yield* seen(volume, first, attachment)
  const links = [first.device, ...(first.otherLinks ?? [])].join(" or ")
  yield* tell({ _tag: "Waiting", text: `${links} has not appeared yet, at most ${Duration.format(DISK)}` })
  const last = yield* look.pipe(
    Effect.repeat({
      schedule: Schedule.spaced(Duration.millis(500)).pipe(within(DISK)),
      while: (observation) => observation._tag === "Missing"
    })
  )
  return yield* seen(volume, last, attachment)
})

/**
 * Unknown data may be what a killed mkfs left: only its record tells. Whether the program is there that would format it
 * has to be known before anything is stopped. Whether the journal has to be replayed matters only if the device takes no
 * writes.
 */
const seen = Effect.fnUntraced(function* (volume: DiskVolume, device: DiskObservation, { mode }: AttachedDisk) {
  const found: ObservedDisk = { volume, device: Option.some(device) }
  if (device._tag !== "Present") return found
  const { content } = device
  if (content._tag === "Blank") return { ...found, ...(yield* formatterFor(volume)) }
  if (content._tag === "Data") {
    const records = yield* makeFormatRecords
    const halfFormatted = yield* records
      .wasBegun(volume, device.sizeBytes)
      .pipe(attempt("INSPECT", `read what was begun on ${device.device}`))
    return { ...found, halfFormatted, ...(halfFormatted ? yield* formatterFor(volume) : {}) }
  }
  if (mode !== "READ_ONLY" || content._tag !== "Filesystem" || !isFilesystem(content.type)) return found
  const disks = yield* Disks
  const needsRecovery = yield* disks.needsRecovery(device.device, content.type).pipe(
    attempt("INSPECT", `read the journal's state of ${device.device}`),
    // Most such disks need nothing, and for one that does the kernel says so.
    Effect.orElseSucceed(() => false)
  )
  return { ...found, needsRecovery }
})

const formatterFor = Effect.fnUntraced(function* ({ filesystem = defaultFilesystem }: DiskVolume) {
  const disks = yield* Disks
  const missing = yield* disks
    .missingFormatter(filesystem)
    .pipe(attempt("INSPECT", `see whether the host can format ${filesystem}`))
  return Option.match(missing, { onNone: () => ({}), onSome: (missingFormatter) => ({ missingFormatter }) })
})

/**
 * The size of a mounted xfs is read from the filesystem, not from its device: xfs writes a new size there only later, and
 * what the kernel has cached of the device may never show it.
 */
export const measureMounted = (disks: ReadonlyArray<ObservedDisk>, table: ReadonlyArray<Mount>) =>
  Effect.forEach(disks, (disk) => {
    const device = Option.getOrUndefined(disk.device)
    if (device?._tag !== "Present" || device.content._tag !== "Filesystem") return Effect.succeed(disk)
    const { type, size } = device.content
    const mount = table.findLast(({ source }) => source === device.path || source === device.device)
    if (type !== "xfs" || size === undefined || mount === undefined || size.bytes >= device.sizeBytes) {
      return Effect.succeed(disk)
    }
    return Effect.flatMap(Mounts, ({ totalBytes }) => totalBytes(mount.target)).pipe(
      attempt("INSPECT", `see how large the filesystem at ${mount.target} is`),
      // Then it is grown once too often, which does nothing.
      Effect.match({
        onFailure: () => disk,
        onSuccess: (bytes): ObservedDisk => ({ ...disk, mountedBytes: bytes + size.logBytes })
      })
    )
  })
