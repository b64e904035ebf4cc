import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import { cleanPath } from "./cleanPath.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { named } from "../../text/named.ts"
import { nearest, orElse } from "../../text/nearest.ts"
import { coverable } from "../schema/limits.ts"
import type { Place } from "../yaml/Places.ts"
import { placeholderIn, PlaceholderLeft } from "./Placeholder.ts"
import { position } from "../yaml/Position.ts"
import type { Span } from "../yaml/YamlNode.ts"

/** A mount of a volume that is not defined. */
export class VolumeBindingMissing extends Schema.TaggedError<VolumeBindingMissing>()("VolumeBindingMissing", {
  ...position,
  container: Schema.String,
  volume: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String),
  /** `volumes` was written, but inside the container. */
  insideContainer: Schema.Boolean
}) {
  override get message(): string {
    return `the container ${named(this.container)}mounts the volume "${this.volume}", which is not defined`
  }
  get advice(): string {
    return this.insideContainer
      ? 'Move "volumes" out of the container: it belongs beside "containers".'
      : orElse(this.suggestion, 'Define it below "spec:", "volumes:", or remove the mount.')
  }
}

/** A mount path that does not begin at the container's root. */
export class MountPathNotAbsolute extends Schema.TaggedError<MountPathNotAbsolute>()("MountPathNotAbsolute", {
  ...position,
  volume: Schema.String,
  mountPath: Schema.String
}) {
  override get message(): string {
    return this.mountPath === ""
      ? `the mount of "${this.volume}" has no mountPath`
      : `the mountPath "${this.mountPath}" is not absolute`
  }
  get advice(): string {
    return 'Write the path inside the container, beginning with "/".'
  }
}

/** A mount over the container's whole file system. */
export class MountPathIsRoot extends Schema.TaggedError<MountPathIsRoot>()("MountPathIsRoot", {
  ...position,
  volume: Schema.String
}) {
  override get message(): string {
    return `the volume "${this.volume}" cannot be mounted at the container's root`
  }
  get advice(): string {
    return "Mount it at a directory below it."
  }
}

/** A path below `/proc`, on which runc mounts nothing. */
export class MountPathInProc extends Schema.TaggedError<MountPathInProc>()("MountPathInProc", {
  ...position,
  mountPath: Schema.String
}) {
  override get message(): string {
    return `nothing can be mounted at "${this.mountPath}": the kernel's /proc is there`
  }
  get advice(): string {
    return 'Mount it elsewhere. The host\'s /proc can be mounted as a hostPath at another path, such as "/host/proc".'
  }
}

/** A colon, with which Kubernetes refuses a path. */
export class MountPathHasColon extends Schema.TaggedError<MountPathHasColon>()("MountPathHasColon", {
  ...position,
  mountPath: Schema.String
}) {
  override get message(): string {
    return `the mountPath "${this.mountPath}" has a colon in it, which Kubernetes does not allow`
  }
  get advice(): string {
    return 'Write the path alone: ":ro" of Docker is "readOnly: true", and the host\'s path belongs into the volume\'s "hostPath".'
  }
}

/** Two mounts on one path; spellings such as `/data` and `/data/` are one path. */
export class MountPathDuplicate extends Schema.TaggedError<MountPathDuplicate>()("MountPathDuplicate", {
  ...position,
  mountPath: Schema.String,
  /** Of the first mount on it. */
  firstLine: Schema.Int
}) {
  override get message(): string {
    return `the mountPath "${this.mountPath}" is already taken by the mount on line ${this.firstLine}`
  }
  get advice(): string {
    return "Give each mount a path of its own."
  }
}

/** As many declared volumes are compared with the name of a missing one. */
export const maximumCandidates = 1000

export interface DeclaredVolumes {
  readonly names: ReadonlySet<string>
  /** Those that the name of a missing one is compared with. */
  readonly candidates: ReadonlyArray<string>
  /** False where a volume's name could not be read: then nothing is said about missing ones. */
  readonly complete: boolean
  /** Where `volumes` was written inside a container. */
  readonly misplaced: Span | undefined
}

type MountCheck = Check<
  | VolumeBindingMissing
  | MountPathNotAbsolute
  | MountPathIsRoot
  | MountPathInProc
  | MountPathHasColon
  | MountPathDuplicate
  | PlaceholderLeft,
  never
>

/** Checks a container's mounts: that each has a volume, and a path of its own. */
export const checkMounts = (container: DeclaredContainer, volumes: DeclaredVolumes, check: MountCheck): void => {
  const paths = new Map<string, Place>()
  for (const mount of container.volumeMounts) {
    const place = check.at(mount, "name")
    if (!place.invalid && volumes.complete && !volumes.names.has(mount.name)) {
      if (volumes.misplaced !== undefined) check.explain({ span: volumes.misplaced })
      check.problem(place, VolumeBindingMissing, {
        container: check.quote(container, "name"),
        volume: check.quote(mount, "name"),
        suggestion: nearest(mount.name, volumes.candidates),
        insideContainer: volumes.misplaced !== undefined
      })
    }
    checkPath(mount, paths, check)
  }
}

const checkPath = (
  mount: DeclaredContainer["volumeMounts"][number],
  paths: Map<string, Place>,
  check: MountCheck
): void => {
  const place = check.at(mount, "mountPath")
  if (place.invalid) return
  const volume = check.quote(mount, "name")
  const mountPath = check.quote(mount, "mountPath")
  if (!mount.mountPath.startsWith("/")) return check.problem(place, MountPathNotAbsolute, { volume, mountPath })
  const form = placeholderIn(mount.mountPath)
  if (form !== undefined) check.slip(place, PlaceholderLeft, { path: place.path, form })
  else if (mount.mountPath.includes(":")) check.slip(place, MountPathHasColon, { mountPath })
  const path = cleanPath(mount.mountPath)
  const first = paths.get(path)
  if (path === "/") check.problem(place, MountPathIsRoot, { volume })
  else if (isInProc(path)) check.problem(place, MountPathInProc, { mountPath })
  else if (first !== undefined) {
    check.problem(place, MountPathDuplicate, { mountPath, firstLine: check.lineOf(first) })
  } else paths.set(path, place)
}

const isInProc = (path: string): boolean =>
  path.startsWith("/proc/") && !coverable.includes(path.slice("/proc/".length))
