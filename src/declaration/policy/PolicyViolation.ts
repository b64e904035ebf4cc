import * as Schema from "effect/Schema"
import { position } from "../yaml/Position.ts"

/** Fields of every violation: its position, and the name of the policy's file. */
const violated = { ...position, policy: Schema.String }

/** A privileged container, which can do anything to the VM. */
export class PrivilegedNotAllowed extends Schema.TaggedError<PrivilegedNotAllowed>()("PrivilegedNotAllowed", violated) {
  override get message(): string {
    return `the host's policy ${this.policy} does not allow a privileged container`
  }
  get advice(): string {
    return 'Remove "privileged", or write "privileged: false".'
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

/** Enough for a message; the policy lists them all. */
const maximumNamed = 5

const anyOf = (allowed: ReadonlyArray<string>): string => {
  const named = allowed.slice(0, maximumNamed)
  const last = allowed.length > maximumNamed ? "another of the policy's" : named.pop()
  return named.length === 0 ? `${last}` : `${named.join(", ")} or ${last}`
}
