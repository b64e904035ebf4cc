import * as Schema from "effect/Schema"
import { parentOf } from "../vm/host/HostFiles.ts"
import { subPathFaults, subPathFaultText } from "../workload/subPath.ts"

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

/** What a mount names of a volume is elsewhere: a symbolic link leads there. */
export class SubPathLeadsOut extends Schema.TaggedError<SubPathLeadsOut>()("SubPathLeadsOut", {
  volume: Schema.String,
  mountPath: Schema.String,
  subPath: Schema.String,
  /** On the host. */
  path: Schema.String
}) {
  override get message() {
    const { volume, mountPath, subPath, path } = this
    return (
      `the mount of "${volume}" at ${mountPath} has the subPath "${subPath}", but a symbolic link in the volume leads out of ` +
      `it, to ${path} of the host. Remove the link or make it lead to a place in the volume, relative to where it is; or ` +
      "declare a hostPath for what is to be mounted."
    )
  }
}

/** What a mount names of a volume can be no directory or file in it. */
export class SubPathUnusable extends Schema.TaggedError<SubPathUnusable>()("SubPathUnusable", {
  volume: Schema.String,
  mountPath: Schema.String,
  subPath: Schema.String,
  /** The host's own words. */
  detail: Schema.String
}) {
  override get message() {
    const { volume, mountPath, subPath, detail } = this
    return (
      `the mount of "${volume}" at ${mountPath} has the subPath "${subPath}", which cannot be followed in the volume: ` +
      `${detail}. Remove what is in the way, or correct the subPath.`
    )
  }
}

/** What variables make of a `subPathExpr` on this VM is no path in the volume. */
export class SubPathExprUnusable extends Schema.TaggedError<SubPathExprUnusable>()("SubPathExprUnusable", {
  volume: Schema.String,
  mountPath: Schema.String,
  fault: Schema.Literals(subPathFaults)
}) {
  override get message() {
    const { volume, mountPath, fault } = this
    return (
      `the subPathExpr of the mount of "${volume}" at ${mountPath} becomes, with what this VM makes of its variables, a path ` +
      `that ${subPathFaultText[fault]}. Write it so that it becomes a path inside the volume.`
    )
  }
}

export const VolumeRefusal = Schema.Union([
  HostPathDiffers,
  HostPathParentMissing,
  MountNotShared,
  RecursiveReadOnlyUnsupported,
  SubPathExprUnusable,
  SubPathLeadsOut,
  SubPathUnusable
])
export type VolumeRefusal = typeof VolumeRefusal.Type
