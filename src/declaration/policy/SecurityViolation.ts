import * as Schema from "effect/Schema"
import { anyOf, violated } from "./violated.ts"

/** A privileged container, which can do anything to the VM. */
export class PrivilegedNotAllowed extends Schema.TaggedError<PrivilegedNotAllowed>()("PrivilegedNotAllowed", violated) {
  override get message(): string {
    return `the host's policy ${this.policy} does not allow a privileged container`
  }
  get advice(): string {
    return 'Remove "privileged", or write "privileged: false".'
  }
}

/** A container whose user is declared to be root. */
export class RootNotAllowed extends Schema.TaggedError<RootNotAllowed>()("RootNotAllowed", violated) {
  override get message(): string {
    return `the host's policy ${this.policy} does not allow a container to run as root`
  }
  get advice(): string {
    return 'Write the number of another user as "runAsUser".'
  }
}

/** A Pod that shares the host's processes or its System V IPC. */
export class HostNamespaceNotAllowed extends Schema.TaggedError<HostNamespaceNotAllowed>()("HostNamespaceNotAllowed", {
  ...violated,
  key: Schema.Literals(["hostPID", "hostIPC"])
}) {
  override get message(): string {
    return `the host's policy ${this.policy} does not allow ${this.key}`
  }
  get advice(): string {
    return `Remove "${this.key}".`
  }
}

/** A setting of the kernel that the policy does not allow. */
export class SysctlNotAllowed extends Schema.TaggedError<SysctlNotAllowed>()("SysctlNotAllowed", {
  ...violated,
  name: Schema.String,
  /** What the policy does allow. */
  allowed: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `the host's policy ${this.policy} does not allow the sysctl ${this.name}`
  }
  get advice(): string {
    return this.allowed.length === 0 ? "It allows none." : `It allows ${anyOf(this.allowed)}.`
  }
}

/** A capability that the policy does not allow to be added. */
export class CapabilityNotAllowed extends Schema.TaggedError<CapabilityNotAllowed>()("CapabilityNotAllowed", {
  ...violated,
  /** Without `CAP_`. */
  capability: Schema.String,
  /** What the policy does allow. */
  allowed: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return `the host's policy ${this.policy} does not allow the capability ${this.capability} to be added`
  }
  get advice(): string {
    return this.allowed.length === 0 ? "It allows none." : `Add only ${anyOf(this.allowed)}.`
  }
}

/** A container without one of the confinements that the engine gives to each. */
export class UnconfinedNotAllowed extends Schema.TaggedError<UnconfinedNotAllowed>()("UnconfinedNotAllowed", {
  ...violated,
  /** As in `spec.containers[0].securityContext.procMount`. */
  path: Schema.String
}) {
  override get message(): string {
    return `the host's policy ${this.policy} does not allow a container without confinement: ${this.path}`
  }
  get advice(): string {
    return "Remove it: the engine's own confinement is the default."
  }
}
