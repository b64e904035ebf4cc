import * as Schema from "effect/Schema"
import { orElse } from "../../text/nearest.ts"
import { position } from "../yaml/Position.ts"

/** Not exactly one container is declared. */
export class ContainerCountInvalid extends Schema.TaggedError<ContainerCountInvalid>()("ContainerCountInvalid", {
  ...position,
  count: Schema.Int,
  /** `containers` was written, but not below `spec`. */
  outsideSpec: Schema.Boolean
}) {
  override get message(): string {
    return `exactly one container must be declared, ${this.count} are`
  }
  get advice(): string {
    if (this.outsideSpec) return 'Did you mean to put "containers" below "spec:"?'
    return this.count === 0
      ? 'Declare it below "spec:", "containers:", as an item with at least an "image".'
      : "Keep one; a VM runs one container. Run the others on VMs of their own."
  }
}

/** A container without an image. */
export class ImageMissing extends Schema.TaggedError<ImageMissing>()("ImageMissing", {
  ...position,
  container: Schema.String
}) {
  override get message(): string {
    return `the container ${named(this.container)}has no image`
  }
  get advice(): string {
    return 'Name one, as in "image: gcr.io/my-project/my-image:1.0".'
  }
}

/** An image reference that the engine would refuse. */
export class ImageReferenceInvalid extends Schema.TaggedError<ImageReferenceInvalid>()("ImageReferenceInvalid", {
  ...position,
  image: Schema.String,
  /** What is wrong with it, as in "the repository's name must be in lower case". */
  detail: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `"${this.image}" is not an image reference: ${this.detail}`
  }
  get advice(): string {
    return orElse(this.suggestion, "Write it as [host[:port]/]repository[:tag][@digest].")
  }
}

/** A container name that the engine would refuse. */
export class ContainerNameInvalid extends Schema.TaggedError<ContainerNameInvalid>()("ContainerNameInvalid", {
  ...position,
  name: Schema.String
}) {
  override get message(): string {
    return `"${this.name}" cannot be a container's name`
  }
  get advice(): string {
    return "Use letters, digits, '_', '.' and '-' only."
  }
}

/** A restart policy that does not exist. */
export class InvalidRestartPolicy extends Schema.TaggedError<InvalidRestartPolicy>()("InvalidRestartPolicy", {
  ...position,
  policy: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `"${this.policy}" is not a restart policy`
  }
  get advice(): string {
    return orElse(this.suggestion, "Write Always, OnFailure or Never; without one it is Always.")
  }
}

/** An environment variable whose name the engine would refuse, or would end at its first "=". */
export class EnvironmentNameInvalid extends Schema.TaggedError<EnvironmentNameInvalid>()("EnvironmentNameInvalid", {
  ...position,
  /** As in `spec.containers[0].env[2]`; the name itself is not shown, for what follows its "=" is a value. */
  path: Schema.String,
  found: Schema.Literals(["empty", "equals sign"])
}) {
  override get message(): string {
    return this.found === "empty"
      ? `the variable ${this.path} has no name`
      : `the name of the variable ${this.path} contains "="`
  }
  get advice(): string {
    return 'Write it as two keys: "name: NAME" and "value: …".'
  }
}

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

const named = (name: string): string => (name === "" ? "" : `"${name}" `)
