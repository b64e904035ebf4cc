import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredVolume } from "../DeclarationSchema.ts"
import { isPathComponent } from "./pathComponent.ts"
import { orElse } from "../../text/nearest.ts"
import { placeholderInReference, PlaceholderLeft } from "./Placeholder.ts"
import { position } from "../yaml/Position.ts"
import { filesystems, isFilesystem } from "../../workload/Filesystem.ts"
import type { DiskVolume } from "../../workload/Workload.ts"

/** A disk without a usable device name. */
export class DiskNameInvalid extends Schema.TaggedError<DiskNameInvalid>()("DiskNameInvalid", {
  ...position,
  volume: Schema.String,
  pdName: Schema.String
}) {
  override get message(): string {
    return this.pdName === ""
      ? `the gcePersistentDisk of the volume "${this.volume}" has no pdName`
      : `"${this.pdName}" cannot be a disk's device name`
  }
  get advice(): string {
    return "Write the device name under which the disk is attached to the VM, without a path."
  }
}

/** A filesystem other than ext4 and xfs. */
export class FilesystemUnsupported extends Schema.TaggedError<FilesystemUnsupported>()("FilesystemUnsupported", {
  ...position,
  volume: Schema.String,
  fsType: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `the disk of the volume "${this.volume}" has an unsupported fsType: "${this.fsType}"`
  }
  get advice(): string {
    return orElse(
      this.suggestion,
      'Write "fsType: ext4" or "fsType: xfs", or leave it out, if the disk is blank or one of them. One that holds ' +
        "something else keeps its data only if the host mounts it, as in a startup script, and the volume is a hostPath " +
        "to its mount point."
    )
  }
}

/** A partition number that no partition has. */
export class DiskPartitionInvalid extends Schema.TaggedError<DiskPartitionInvalid>()("DiskPartitionInvalid", {
  ...position,
  volume: Schema.String,
  partition: Schema.Int
}) {
  override get message(): string {
    return `the disk of the volume "${this.volume}" cannot have a partition ${this.partition}`
  }
  get advice(): string {
    return "Write the partition's number, or leave it out for the whole disk."
  }
}

/** konlet ignored a disk's `readOnly`, and its declarations may rest on that. */
export class DiskReadOnlyIgnored extends Schema.TaggedClass<DiskReadOnlyIgnored>()("DiskReadOnlyIgnored", {
  ...position,
  volume: Schema.String
}) {
  get message(): string {
    return `the disk of the volume "${this.volume}" is mounted for writing all the same: konlet ignored its readOnly`
  }
  get advice(): string {
    return 'Write "readOnly: true" in each mount of it, or move the declaration to the metadata key slipway-declaration, where it counts.'
  }
}

/** Checks a volume on a persistent disk. */
export const checkPersistentDisk = (
  volume: DeclaredVolume,
  disk: NonNullable<DeclaredVolume["gcePersistentDisk"]>,
  check: Check<DiskNameInvalid | FilesystemUnsupported | DiskPartitionInvalid | PlaceholderLeft, DiskReadOnlyIgnored>
): DiskVolume => {
  const { pdName, fsType, partition, readOnly } = disk
  const device = check.at(disk, "pdName")
  const filesystem = check.at(disk, "fsType")
  const name = check.quote(volume, "name")
  const form = device.invalid ? undefined : placeholderInReference(pdName)
  // Under konlet's rules too: a blank disk that happens to have this name would be formatted.
  if (form !== undefined) check.problem(device, PlaceholderLeft, { path: device.path, form })
  else if (!device.invalid && !isPathComponent(pdName)) {
    check.problem(device, DiskNameInvalid, { volume: name, pdName: check.quote(disk, "pdName") })
  }
  if (!filesystem.invalid && fsType !== "" && !isFilesystem(fsType)) {
    check.problem(filesystem, FilesystemUnsupported, {
      volume: name,
      fsType: check.quote(disk, "fsType"),
      suggestion: filesystems.find((one) => one === fsType.toLowerCase())
    })
  }
  if (partition < 0) check.problem(check.at(disk, "partition"), DiskPartitionInvalid, { volume: name, partition })
  const isIgnored = readOnly && check.followsKonlet
  if (isIgnored) check.warning(check.at(disk, "readOnly"), DiskReadOnlyIgnored, { volume: name })
  return {
    _tag: "Disk",
    name: volume.name,
    deviceName: pdName,
    partition,
    ...(isFilesystem(fsType) ? { filesystem: fsType } : {}),
    ...(readOnly && !isIgnored ? { readOnly } : {})
  }
}
