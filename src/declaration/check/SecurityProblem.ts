import * as Schema from "effect/Schema"
import { orElse } from "../../text/nearest.ts"
import { maximumId } from "../../workload/SecurityContext.ts"
import { position } from "../yaml/Position.ts"

/** No number that a user or a group can have. */
export class IdInvalid extends Schema.TaggedError<IdInvalid>()("IdInvalid", {
  ...position,
  /** As in `spec.securityContext.runAsUser`. */
  path: Schema.String,
  found: Schema.Int
}) {
  override get message(): string {
    return `${this.path} must be a number from 0 to ${maximumId}, not ${this.found}`
  }
  get advice(): string {
    return "Write the number of the user or group, as `id` shows it in the container."
  }
}

/** The process is not to run as root, and is to run as user 0. */
export class RunsAsRoot extends Schema.TaggedError<RunsAsRoot>()("RunsAsRoot", {
  ...position,
  /** As in `spec.securityContext.runAsUser`. */
  path: Schema.String
}) {
  override get message(): string {
    return `${this.path} is 0, which runAsNonRoot forbids`
  }
  get advice(): string {
    return "Write another user's number, or remove runAsNonRoot."
  }
}

/** Which groups the image has for the user, the engine adds only where it finds the user's group by itself. */
export class StrictGroupsNeedGroup extends Schema.TaggedError<StrictGroupsNeedGroup>()("StrictGroupsNeedGroup", {
  ...position,
  /** As the container is declared; empty where it has no name. */
  container: Schema.String
}) {
  override get message(): string {
    const of = this.container === "" ? "" : `, which "${this.container}" has not`
    return `supplementalGroupsPolicy can only be Strict with a runAsGroup${of}`
  }
  get advice(): string {
    return 'Write "runAsGroup:" with the number of the group, or remove supplementalGroupsPolicy.'
  }
}

/** A capability that Linux does not have. */
export class CapabilityUnknown extends Schema.TaggedError<CapabilityUnknown>()("CapabilityUnknown", {
  ...position,
  name: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `"${this.name}" is not a capability`
  }
  get advice(): string {
    return orElse(this.suggestion, "Write one of those in `man 7 capabilities`, such as NET_ADMIN, or ALL.")
  }
}

/** As in Kubernetes, what gives a process every way to more rights cannot go with forbidding them. */
export class PrivilegeEscalationForced extends Schema.TaggedError<PrivilegeEscalationForced>()(
  "PrivilegeEscalationForced",
  {
    ...position,
    by: Schema.Literals(["privileged", "CAP_SYS_ADMIN"])
  }
) {
  override get message(): string {
    const by = this.by === "privileged" ? "privileged: true" : "the capability CAP_SYS_ADMIN"
    return `allowPrivilegeEscalation cannot be false with ${by}`
  }
  get advice(): string {
    return 'Remove one of the two: "allowPrivilegeEscalation: false" has no effect on what has such rights.'
  }
}

/** A privileged container has all rights, whatever else is said. */
export class PrivilegedIgnores extends Schema.TaggedClass<PrivilegedIgnores>()("PrivilegedIgnores", {
  ...position,
  /** As in `spec.containers[0].securityContext.seccompProfile`. */
  path: Schema.String
}) {
  get message(): string {
    return `${this.path} has no effect on a privileged container`
  }
  get advice(): string {
    return 'Remove it, or "privileged: true".'
  }
}
