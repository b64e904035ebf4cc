import { theContainer } from "../text/named.ts"
import * as Schema from "effect/Schema"
import { LogDriverMissing } from "./LogDriverRefusal.ts"
import { ImageNotPresent } from "./ImageRefusal.ts"
import {
  DiskDeviceMissing,
  DiskFilesystemDiffers,
  DiskInUse,
  DiskNotAttached,
  DiskNotBlank,
  DiskPartitioned,
  DiskReadOnly,
  FormatterMissing
} from "./DiskRefusal.ts"
import { CpuLimitUnavailable, GpuUnavailable } from "./ResourceRefusal.ts"
import { RuntimeUnavailable } from "./RuntimeRefusal.ts"
import { SeccompProfileUnusable, SecurityUnavailable } from "./ProfileRefused.ts"
import { ImageUserRefused } from "./ImageUserRefused.ts"
import { FileUnread, SecretUnread } from "./SecretUnread.ts"
import { ImageVolumeNotPresent, ImageVolumeUnsupported } from "./ImageVolumeRefusal.ts"
import { VolumeRefusal } from "./VolumeRefusal.ts"

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
      `${port}/${protocol} of the host, which ${theContainer(container)} is to ` +
      `have, is taken: ${by}. Free it, or declare another port.${see}`
    )
  }
}

/** Why a plan is refused before anything is stopped: all that a VM can lack or have in the way. */
export const RefusalReason = Schema.Union([
  DiskNotAttached,
  DiskDeviceMissing,
  DiskNotBlank,
  DiskPartitioned,
  DiskInUse,
  DiskReadOnly,
  DiskFilesystemDiffers,
  ImageVolumeNotPresent,
  ImageVolumeUnsupported,
  FormatterMissing,
  ContainerNameTaken,
  HostPortInUse,
  ImageNotPresent,
  LogDriverMissing,
  RuntimeUnavailable,
  CpuLimitUnavailable,
  GpuUnavailable,
  ImageUserRefused,
  SecretUnread,
  FileUnread,
  VolumeRefusal,
  SeccompProfileUnusable,
  SecurityUnavailable
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
