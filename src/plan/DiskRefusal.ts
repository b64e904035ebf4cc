import * as Schema from "effect/Schema"

/** Metadata does not list a disk that the declaration names. */
export class DiskNotAttached extends Schema.TaggedError<DiskNotAttached>()("DiskNotAttached", {
  deviceName: Schema.String,
  attached: Schema.Array(Schema.String)
}) {
  override get message() {
    const others = this.attached.length === 0 ? "none is" : `attached are: ${this.attached.join(", ")}`
    return (
      `no disk with the device name "${this.deviceName}" is attached to the VM (${others}). ` +
      `Attach it, or correct pdName: it is the device name, not the disk's name.`
    )
  }
}

/** The disk is attached, but its device has not appeared, or it is not a block device. */
export class DiskDeviceMissing extends Schema.TaggedError<DiskDeviceMissing>()("DiskDeviceMissing", {
  device: Schema.String,
  /** Where the device might have been too: a local SSD's link has one of two names. */
  otherLinks: Schema.optionalKey(Schema.Array(Schema.String)),
  partition: Schema.Int,
  found: Schema.Literals(["nothing", "not a block device"])
}) {
  override get message() {
    const advice =
      this.partition > 0
        ? `Does the disk have a partition ${this.partition}?`
        : "The disk is attached; udev makes this link. See `ls -l /dev/disk/by-id`."
    if (this.found === "not a block device") return `${this.device} is not a block device. ${advice}`
    const links = [this.device, ...(this.otherLinks ?? [])]
    return `${links.join(" and ")} ${links.length === 1 ? "is" : "are"} not there. ${advice}`
  }
}

/** The disk holds something that is not mounted here, and nothing proves that it is blank. It is left as it is. */
export class DiskNotBlank extends Schema.TaggedError<DiskNotBlank>()("DiskNotBlank", {
  device: Schema.String,
  found: Schema.String,
  /** It is a filesystem of this type, which the host may well mount itself. */
  filesystem: Schema.optionalKey(Schema.String)
}) {
  override get message() {
    const { device, found, filesystem } = this
    const keep =
      filesystem === undefined
        ? ""
        : `Only ext4 and xfs are mounted here: to use this disk with its data, have the host mount it, as in a startup ` +
          `script (mount -t ${filesystem} ${device} /mnt/disks/data), and declare a hostPath to there in place of the ` +
          "gcePersistentDisk; or copy the data to a disk that is ext4 or xfs. "
    return (
      `${device} is neither ext4, xfs nor blank: it holds ${found}. It was left untouched. ${keep}` +
      `Only if nothing on it is needed, blank it, by which all its data is lost: wipefs --all ${device} && ` +
      `dd if=/dev/zero of=${device} bs=1M count=1, and the same for its last MiB.`
    )
  }
}

/** The whole disk is to be mounted, but it is divided into partitions. */
export class DiskPartitioned extends Schema.TaggedError<DiskPartitioned>()("DiskPartitioned", {
  device: Schema.String,
  children: Schema.Array(Schema.String)
}) {
  override get message() {
    return (
      `${this.device} has partitions (${this.children.join(", ")}), so it cannot be mounted as a whole. ` +
      "Name one of them with `partition: N`."
    )
  }
}

/** The disk is mounted somewhere that is not ours, or where it cannot be reached. */
export class DiskInUse extends Schema.TaggedError<DiskInUse>()("DiskInUse", {
  device: Schema.String,
  target: Schema.String,
  /** Where something else is mounted over it, so that it cannot be unmounted. */
  hiddenBy: Schema.optionalKey(Schema.String)
}) {
  override get message() {
    if (this.hiddenBy !== undefined) {
      return (
        `${this.device} is already mounted at ${this.target}, hidden by what was mounted at ${this.hiddenBy} later. ` +
        "Unmount both first."
      )
    }
    return `${this.device} is already mounted at ${this.target}, which is not ours to unmount. Unmount it there first.`
  }
}

/** The declaration wants to write to a disk that takes no writes. */
export class DiskReadOnly extends Schema.TaggedError<DiskReadOnly>()("DiskReadOnly", {
  deviceName: Schema.String,
  why: Schema.String,
  /** The declaration itself says `readOnly`; otherwise the disk is attached so. */
  isDeclared: Schema.optionalKey(Schema.Boolean)
}) {
  override get message() {
    return this.isDeclared === true
      ? `the disk "${this.deviceName}" is declared readOnly, but ${this.why}. Take "readOnly" out of its gcePersistentDisk until it has data.`
      : `the disk "${this.deviceName}" is attached read-only, but ${this.why}. Attach it read-write, or set readOnly: true.`
  }
}

/** The disk holds one of the filesystems that are mounted here, and another is declared. It is left as it is. */
export class DiskFilesystemDiffers extends Schema.TaggedError<DiskFilesystemDiffers>()("DiskFilesystemDiffers", {
  device: Schema.String,
  declared: Schema.String,
  /** The type that it has. */
  filesystem: Schema.String,
  /** The same with its label. */
  found: Schema.String
}) {
  override get message() {
    const { device, declared, filesystem, found } = this
    return (
      `${device} is declared with "fsType: ${declared}", but holds ${found}. It was left untouched. To mount it as it is, ` +
      `write "fsType: ${filesystem}", or leave fsType out. If it is not the disk that was meant, correct pdName.`
    )
  }
}

/** The disk is blank, and the host lacks the program that would format it. */
export class FormatterMissing extends Schema.TaggedError<FormatterMissing>()("FormatterMissing", {
  device: Schema.String,
  filesystem: Schema.String,
  program: Schema.String
}) {
  override get message() {
    const { device, filesystem, program } = this
    return (
      `${device} is blank and has to be formatted as ${filesystem}, but this VM has no ${program} (Container-Optimized OS ` +
      `comes without it). Write "fsType: ext4"; or install it (Debian: apt-get install xfsprogs); or format the disk on ` +
      "another VM."
    )
  }
}
