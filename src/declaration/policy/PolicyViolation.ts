import * as Schema from "effect/Schema"
import { anyOf, violated } from "./violated.ts"

/** A Pod on the host's network, on which it reaches whatever the host does. */
export class HostNetworkNotAllowed extends Schema.TaggedError<HostNetworkNotAllowed>()(
  "HostNetworkNotAllowed",
  violated
) {
  override get message(): string {
    return `the host's policy ${this.policy} does not allow a Pod on the host's network`
  }
  get advice(): string {
    return 'Write "hostNetwork: false" into "spec": the Pod gets a network of its own, on which ports are published.'
  }
}

/** A GPU of the VM's. */
export class GpuNotAllowed extends Schema.TaggedError<GpuNotAllowed>()("GpuNotAllowed", violated) {
  override get message(): string {
    return `the host's policy ${this.policy} does not allow a container to have GPUs`
  }
  get advice(): string {
    return 'Remove "nvidia.com/gpu".'
  }
}

/** A port of the host that the policy does not allow. */
export class HostPortNotAllowed extends Schema.TaggedError<HostPortNotAllowed>()("HostPortNotAllowed", {
  ...violated,
  port: Schema.Int,
  /** What the policy does allow, as in `80` or `8000-8100`. */
  allowed: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `the host's policy ${this.policy} does not allow port ${this.port} of the host`
  }
  get advice(): string {
    return this.allowed.length === 0 ? "It allows none." : `Use ${anyOf(this.allowed)}.`
  }
}

/** A kind of volume that the policy does not allow. */
export class VolumeNotAllowed extends Schema.TaggedError<VolumeNotAllowed>()("VolumeNotAllowed", {
  ...violated,
  volume: Schema.String,
  /** The key of its source. */
  type: Schema.String,
  /** What the policy does allow. */
  allowed: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `the host's policy ${this.policy} does not allow the ${this.type} of the volume "${this.volume}"`
  }
  get advice(): string {
    return this.allowed.length === 0 ? "It allows no volumes." : `Use ${anyOf(this.allowed)}.`
  }
}

/** A log driver that the policy does not allow. */
export class LogDriverNotAllowed extends Schema.TaggedError<LogDriverNotAllowed>()("LogDriverNotAllowed", {
  ...violated,
  driver: Schema.String,
  /** What the policy does allow, besides the default. */
  allowed: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `the host's policy ${this.policy} does not allow the log driver "${this.driver}"`
  }
  get advice(): string {
    return `Use ${anyOf([...this.allowed, "json-file"])}.`
  }
}

/** A runtime that the policy does not allow. */
export class RuntimeNotAllowed extends Schema.TaggedError<RuntimeNotAllowed>()("RuntimeNotAllowed", {
  ...violated,
  runtime: Schema.String,
  /** What the policy does allow, besides the engine's default. */
  allowed: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `the host's policy ${this.policy} does not allow the runtime "${this.runtime}"`
  }
  get advice(): string {
    return this.allowed.length === 0
      ? 'Remove "runtimeClassName": it allows the engine\'s default alone.'
      : `Use ${anyOf(this.allowed)}, or remove "runtimeClassName".`
  }
}

/** A host path that the policy does not allow. */
export class HostPathNotAllowed extends Schema.TaggedError<HostPathNotAllowed>()("HostPathNotAllowed", {
  ...violated,
  volume: Schema.String,
  path: Schema.String,
  /** What the policy does allow. */
  allowed: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `the host's policy ${this.policy} does not allow the hostPath "${this.path}" of the volume "${this.volume}"`
  }
  get advice(): string {
    return this.allowed.length === 0
      ? "It allows none: use a gcePersistentDisk, or an emptyDir (with medium: Memory)."
      : `Use ${anyOf(this.allowed)}, or a path below.`
  }
}

/** An image from a registry or repository that the policy does not allow. */
export class ImageNotAllowed extends Schema.TaggedError<ImageNotAllowed>()("ImageNotAllowed", {
  ...violated,
  image: Schema.String,
  /** Its repository in full, as in `docker.io/library/nginx`; undefined if the image cannot be shown. */
  repository: Schema.UndefinedOr(Schema.String),
  /** What the policy does allow. */
  allowed: Schema.Array(Schema.String)
}) {
  override get message(): string {
    const from = this.repository === undefined || this.image.startsWith(this.repository) ? "" : ` (${this.repository})`
    return `the host's policy ${this.policy} does not allow the image "${this.image}"${from}`
  }
  get advice(): string {
    return this.allowed.length === 0 ? "It allows no image at all." : `Use an image from ${anyOf(this.allowed)}.`
  }
}
