import * as Schema from "effect/Schema"
import { LogDriverMissing } from "./LogDriverRefusal.ts"
import { ImageNotPresent } from "./ImageRefusal.ts"
import { CpuLimitUnavailable, GpuUnavailable } from "./ResourceRefusal.ts"
import { ImageUserRefused } from "./ImageUserRefused.ts"
import { SecretUnread } from "./SecretUnread.ts"

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

/** The disk holds something other than ext4, and nothing proves that it is blank. It is left as it is. */
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
        : `Only ext4 is mounted here: to use this disk with its data, have the host mount it, as in a startup script ` +
          `(mount -t ${filesystem} ${device} /mnt/disks/data), and declare a hostPath to there in place of the ` +
          "gcePersistentDisk; or copy the data to a disk that is ext4. "
    return (
      `${device} is neither ext4 nor blank: it holds ${found}. It was left untouched. ${keep}` +
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

/** The declaration wants to write to a disk that is attached read-only. */
export class DiskReadOnly extends Schema.TaggedError<DiskReadOnly>()("DiskReadOnly", {
  deviceName: Schema.String,
  why: Schema.String
}) {
  override get message() {
    return `the disk "${this.deviceName}" is attached read-only, but ${this.why}. Attach it read-write, or set readOnly: true.`
  }
}

/** A container that is not ours has the name that ours would get. */
export class ContainerNameTaken extends Schema.TaggedError<ContainerNameTaken>()("ContainerNameTaken", {
  name: Schema.String
}) {
  override get message() {
    return `a container that is not ours is named "${this.name}". Rename or remove it.`
  }
}

/** A port of the host that a container needs is in use. */
export class HostPortInUse extends Schema.TaggedError<HostPortInUse>()("HostPortInUse", {
  /** As it is declared. */
  container: Schema.String,
  port: Schema.Int,
  protocol: Schema.Literals(["tcp", "udp", "sctp"]),
  /** The container that it is published for; absent if a process listens on it. */
  takenBy: Schema.optionalKey(Schema.String)
}) {
  override get message() {
    const { container, port, protocol, takenBy } = this
    const by = takenBy === undefined ? "a process of the host listens on it" : `the container "${takenBy}" has it`
    const see = takenBy === undefined ? ` See \`ss --listening --processes 'sport = :${port}'\`.` : ""
    return (
      `${port}/${protocol} of the host, which ${container === "" ? "the container" : `the container ${container}`} is to ` +
      `have, is taken: ${by}. Free it, or declare another port.${see}`
    )
  }
}

export const RefusalReason = Schema.Union([
  DiskNotAttached,
  DiskDeviceMissing,
  DiskNotBlank,
  DiskPartitioned,
  DiskInUse,
  DiskReadOnly,
  ContainerNameTaken,
  HostPortInUse,
  ImageNotPresent,
  LogDriverMissing,
  CpuLimitUnavailable,
  GpuUnavailable,
  ImageUserRefused,
  SecretUnread
])
export type RefusalReason = typeof RefusalReason.Type

/** The VM cannot be made to match the declaration without doing harm: every reason that was found. Nothing changed. */
export class PlanRefused extends Schema.TaggedError<PlanRefused>()("PlanRefused", {
  reasons: Schema.NonEmptyArray(RefusalReason)
}) {
  get heading() {
    return "the VM cannot be made to match its declaration, nothing was changed:"
  }
  override get message() {
    return this.reasons.map((reason) => reason.message).join("\n")
  }
}
