import * as Schema from "effect/Schema"

/**
 * Several containers are to share a network or their processes, and there is no program for the machine that would hold
 * them.
 */
export class SandboxUnsupported extends Schema.TaggedError<SandboxUnsupported>()("SandboxUnsupported", {
  /** As the engine names it. */
  architecture: Schema.String
}) {
  get advice() {
    return "Give the Pod the host's network (leave hostNetwork out, or set it to true), and leave shareProcessNamespace out."
  }
  override get message() {
    return `several containers cannot share a network of their own, or their processes, on ${this.architecture}: only on amd64 and arm64`
  }
}
