import * as Schema from "effect/Schema"
import { parentOf } from "../vm/host/HostFiles.ts"

/** What is at a host path is not what its type asks for. */
export class HostPathDiffers extends Schema.TaggedError<HostPathDiffers>()("HostPathDiffers", {
  volume: Schema.String,
  path: Schema.String,
  wanted: Schema.String,
  found: Schema.String
}) {
  override get message() {
    const { volume, path, wanted, found } = this
    return (
      `the hostPath of the volume "${volume}" is of type ${wanted}, but at ${path} of the host there is ${found}. ` +
      "Put there what is wanted, or correct the path or its type."
    )
  }
}

/** A file is to be created in a directory that is not there. */
export class HostPathParentMissing extends Schema.TaggedError<HostPathParentMissing>()("HostPathParentMissing", {
  volume: Schema.String,
  path: Schema.String
}) {
  override get message() {
    return (
      `the hostPath of the volume "${this.volume}" is of type FileOrCreate, but there is no directory ` +
      `${parentOf(this.path)} on the host, and only the file itself is created. Create the directory first.`
    )
  }
}

/** Mounts are to pass between the host and a container, where the host shares none. */
export class MountNotShared extends Schema.TaggedError<MountNotShared>()("MountNotShared", {
  volume: Schema.String,
  mountPath: Schema.String,
  wanted: Schema.Literals(["HostToContainer", "Bidirectional"]),
  mountPoint: Schema.String
}) {
  override get message() {
    const { volume, mountPath, wanted, mountPoint } = this
    return (
      `the mount of "${volume}" at ${mountPath} has mountPropagation: ${wanted}, but the host's mount at ${mountPoint}, on ` +
      `which the volume lies, is not shared. Share it (mount --make-rshared ${mountPoint}), or leave mountPropagation out.`
    )
  }
}

/** A mount is to be read-only with all that is mounted below it, and the VM cannot do that. */
export class RecursiveReadOnlyUnsupported extends Schema.TaggedError<RecursiveReadOnlyUnsupported>()(
  "RecursiveReadOnlyUnsupported",
  { volume: Schema.String, mountPath: Schema.String, why: Schema.String }
) {
  override get message() {
    const { volume, mountPath, why } = this
    return (
      `the mount of "${volume}" at ${mountPath} has recursiveReadOnly: Enabled, but ${why}. ` +
      'Write "IfPossible" to do without where it cannot be had.'
    )
  }
}

export const VolumeRefusal = Schema.Union([
  HostPathDiffers,
  HostPathParentMissing,
  MountNotShared,
  RecursiveReadOnlyUnsupported
])
export type VolumeRefusal = typeof VolumeRefusal.Type
