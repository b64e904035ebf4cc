import * as Schema from "effect/Schema"
import { orElse } from "../../text/nearest.ts"
import { position } from "../yaml/Position.ts"

/** A volume with no source, or with several. */
export class VolumeSourceInvalid extends Schema.TaggedError<VolumeSourceInvalid>()("VolumeSourceInvalid", {
  ...position,
  volume: Schema.String,
  /** The keys of the sources that it has. */
  sources: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return this.sources.length === 0
      ? `the volume "${this.volume}" has no source`
      : `the volume "${this.volume}" has ${this.sources.length} sources: ${this.sources.join(", ")}`
  }
  get advice(): string {
    return "Give it exactly one of hostPath, gcePersistentDisk and emptyDir (with medium: Memory)."
  }
}

/** A volume name that is used already. */
export class VolumeNameDuplicate extends Schema.TaggedError<VolumeNameDuplicate>()("VolumeNameDuplicate", {
  ...position,
  volume: Schema.String,
  /** Of the first volume with it. */
  firstLine: Schema.Int
}) {
  override get message(): string {
    return `another volume is named "${this.volume}", on line ${this.firstLine}`
  }
  get advice(): string {
    return "Give each volume a name of its own."
  }
}

/** The name of an in-memory volume becomes a directory's name, and this one cannot. */
export class VolumeNameInvalid extends Schema.TaggedError<VolumeNameInvalid>()("VolumeNameInvalid", {
  ...position,
  volume: Schema.String
}) {
  override get message(): string {
    return this.volume === ""
      ? "an emptyDir volume needs a name"
      : `an emptyDir volume cannot be named "${this.volume}": it becomes a directory's name`
  }
  get advice(): string {
    return `Use a name of at most ${maximumNameLength} letters, digits and dashes.`
  }
}

/** A host path that does not begin at the host's root. */
export class HostPathNotAbsolute extends Schema.TaggedError<HostPathNotAbsolute>()("HostPathNotAbsolute", {
  ...position,
  volume: Schema.String,
  path: Schema.String
}) {
  override get message(): string {
    return this.path === ""
      ? `the hostPath of the volume "${this.volume}" has no path`
      : `the hostPath of the volume "${this.volume}" is not absolute: "${this.path}"`
  }
  get advice(): string {
    return 'Write "path:" with the path on the VM, beginning with "/".'
  }
}

/** A disk's device in place of the disk. */
export class HostPathIsDisk extends Schema.TaggedError<HostPathIsDisk>()("HostPathIsDisk", {
  ...position,
  path: Schema.String,
  /** The disk's device name, where the path holds it. */
  pdName: Schema.UndefinedOr(Schema.String),
  /** 0 is the whole disk. */
  partition: Schema.Int
}) {
  override get message(): string {
    return `the hostPath "${this.path}" is a disk's device, not a directory`
  }
  get advice(): string {
    const pdName = this.pdName ?? "the disk's device name"
    const partition = this.partition === 0 ? "" : `, partition: ${this.partition}`
    return `To mount the disk, write "gcePersistentDisk: {pdName: ${pdName}${partition}}"; only a privileged container can use the device itself.`
  }
}

/** An `emptyDir` that is not in memory. */
export class MediumUnsupported extends Schema.TaggedError<MediumUnsupported>()("MediumUnsupported", {
  ...position,
  volume: Schema.String,
  medium: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return this.medium === ""
      ? `the emptyDir of the volume "${this.volume}" names no medium`
      : `the emptyDir of the volume "${this.volume}" has an unsupported medium: "${this.medium}"`
  }
  get advice(): string {
    return orElse(this.suggestion, 'Write "medium: Memory"; for a directory on the VM\'s disk use hostPath.')
  }
}

/** A filesystem other than ext4. */
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
      'Write "fsType: ext4" or leave it out, if the disk is blank or ext4. One that holds something else keeps its data ' +
        "only if the host mounts it, as in a startup script, and the volume is a hostPath to its mount point."
    )
  }
}

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

/** Two volumes on one disk, whole or in part: a disk is mounted at one place. */
export class DiskDeclaredTwice extends Schema.TaggedError<DiskDeclaredTwice>()("DiskDeclaredTwice", {
  ...position,
  volume: Schema.String,
  pdName: Schema.String,
  /** Of the first volume on it. */
  firstLine: Schema.Int
}) {
  override get message(): string {
    return `the disk "${this.pdName}" of the volume "${this.volume}" is already the volume's on line ${this.firstLine}`
  }
  get advice(): string {
    return "Declare one volume and mount it at as many paths as needed."
  }
}

/** What Linux takes as one component of a path. */
export const maximumNameLength = 255
