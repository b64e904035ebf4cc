import * as Schema from "effect/Schema"
import { orElse } from "../../text/nearest.ts"
import { position } from "../yaml/Position.ts"
import { policyKeys } from "./PolicySchema.ts"
import { CharacterNotAllowed, type DeclarationRefused, SyntaxInvalid, ValueTypeInvalid } from "../yaml/TextProblem.ts"

const refusals: Readonly<Record<DeclarationRefused["why"] | "Empty", readonly [message: string, advice: string]>> = {
  Empty: ["the policy is empty", 'Write "{}" for one that allows everything.'],
  TooLarge: ["the policy is larger than 512 KiB", "List directories and registries, not each file and image."],
  TooDeep: ["the policy is nested more than 100 levels deep", "Write it flat."],
  TooManyParts: ["the policy has too many parts", "List directories and registries, not each file and image."],
  TooManyAliases: ["the aliases (*name) unfold to too much", "Write out what the aliases stand for."],
  Utf16: ["the policy is in UTF-16", "Save it as UTF-8."],
  NotUtf8: ["the policy is not text in UTF-8", "Save it as UTF-8."],
  ControlCharacter: ["the policy contains a control character, which YAML forbids", "Remove it."]
}

/** The text is not read any further. An empty one may be the remains of a policy. */
export class PolicyRefused extends Schema.TaggedError<PolicyRefused>()("PolicyRefused", {
  ...position,
  why: Schema.Literals(Object.keys(refusals) as ReadonlyArray<keyof typeof refusals>)
}) {
  override get message(): string {
    return refusals[this.why][0]
  }
  get advice(): string {
    return refusals[this.why][1]
  }
}

/** A key that does not exist: what it was meant to forbid would be allowed. */
export class PolicyKeyUnknown extends Schema.TaggedError<PolicyKeyUnknown>()("PolicyKeyUnknown", {
  ...position,
  /** `…` if it does not look like a key. */
  key: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `a policy has no key "${this.key}"`
  }
  get advice(): string {
    if (this.key === "<<") return "Write out what it merges."
    return orElse(this.suggestion, `Its keys are ${policyKeys.join(", ")}.`)
  }
}

/** A key that is written twice. */
export class PolicyKeyDuplicate extends Schema.TaggedError<PolicyKeyDuplicate>()("PolicyKeyDuplicate", {
  ...position,
  key: Schema.String,
  /** Of the first one. */
  firstLine: Schema.Int
}) {
  override get message(): string {
    return `"${this.key}" was already written on line ${this.firstLine}`
  }
  get advice(): string {
    return "Keep one of them."
  }
}

/** A second YAML document in the text: one of the two would not count. */
export class PolicyDocumentSecond extends Schema.TaggedError<PolicyDocumentSecond>()("PolicyDocumentSecond", position) {
  override get message(): string {
    return "a second YAML document begins here; a policy is one"
  }
  get advice(): string {
    return 'Remove it, or the "---" before it.'
  }
}

/** An item of `hostPaths` that matches no path. */
export class PolicyPathInvalid extends Schema.TaggedError<PolicyPathInvalid>()("PolicyPathInvalid", {
  ...position,
  /** As in `hostPaths[0]`. */
  path: Schema.String
}) {
  override get message(): string {
    return `${this.path} is not an absolute path without ".." and wildcards`
  }
  get advice(): string {
    return 'Write the directory itself, beginning with "/": what is below it is allowed with it.'
  }
}

/** A `default` that is neither of the two. */
export class PolicyDefaultInvalid extends Schema.TaggedError<PolicyDefaultInvalid>()("PolicyDefaultInvalid", position) {
  override get message(): string {
    return "a policy's default is allow or deny"
  }
  get advice(): string {
    return 'Write "deny" if what the policy leaves out is not allowed, else "allow".'
  }
}

/** An item of `capabilities` that Linux does not have. */
export class PolicyCapabilityInvalid extends Schema.TaggedError<PolicyCapabilityInvalid>()("PolicyCapabilityInvalid", {
  ...position,
  /** As in `capabilities[0]`. */
  path: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `${this.path} is no capability of Linux`
  }
  get advice(): string {
    return orElse(this.suggestion, "Write it as in NET_ADMIN, or ALL.")
  }
}

/** An item of `hostPorts` that matches no port. */
export class PolicyPortInvalid extends Schema.TaggedError<PolicyPortInvalid>()("PolicyPortInvalid", {
  ...position,
  /** As in `hostPorts[0]`. */
  path: Schema.String
}) {
  override get message(): string {
    return `${this.path} is neither a port nor a range of ports`
  }
  get advice(): string {
    return "Write a number from 1 to 65535, or two of them as in 8000-8100."
  }
}

/** An item of `secretProjects` that is no project. */
export class PolicyProjectInvalid extends Schema.TaggedError<PolicyProjectInvalid>()("PolicyProjectInvalid", {
  ...position,
  /** As in `secretProjects[0]`. */
  path: Schema.String
}) {
  override get message(): string {
    return `${this.path} is no project`
  }
  get advice(): string {
    return 'Write its id or number, or "own" for the VM\'s.'
  }
}

/** An item of `sysctls` that is no setting of the kernel. */
export class PolicySysctlInvalid extends Schema.TaggedError<PolicySysctlInvalid>()("PolicySysctlInvalid", {
  ...position,
  /** As in `sysctls[0]`. */
  path: Schema.String
}) {
  override get message(): string {
    return `${this.path} is no setting of the kernel`
  }
  get advice(): string {
    return "Write it as in net.core.somaxconn, or net.ipv4.* for all that begin so."
  }
}

/** An item of `volumes` that is no kind of volume. */
export class PolicyVolumeInvalid extends Schema.TaggedError<PolicyVolumeInvalid>()("PolicyVolumeInvalid", {
  ...position,
  /** As in `volumes[0]`. */
  path: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `${this.path} is no kind of volume`
  }
  get advice(): string {
    return orElse(this.suggestion, "Write the key of a volume's source, as in hostPath or emptyDir.")
  }
}

/** An item of `logDrivers` that names no driver. */
export class PolicyLogDriverInvalid extends Schema.TaggedError<PolicyLogDriverInvalid>()("PolicyLogDriverInvalid", {
  ...position,
  /** As in `logDrivers[0]`. */
  path: Schema.String
}) {
  override get message(): string {
    return `${this.path} is no name of a log driver`
  }
  get advice(): string {
    return "Write it as in journald or gcplogs."
  }
}

/** An item of `runtimes` that names no runtime. */
export class PolicyRuntimeInvalid extends Schema.TaggedError<PolicyRuntimeInvalid>()("PolicyRuntimeInvalid", {
  ...position,
  /** As in `runtimes[0]`. */
  path: Schema.String
}) {
  override get message(): string {
    return `${this.path} is no name of a runtime`
  }
  get advice(): string {
    return "Write it as in runc or runsc."
  }
}

/** An item of `registries` that matches no image. */
export class PolicyRegistryInvalid extends Schema.TaggedError<PolicyRegistryInvalid>()("PolicyRegistryInvalid", {
  ...position,
  /** As in `registries[0]`. */
  path: Schema.String,
  detail: Schema.String
}) {
  override get message(): string {
    return `${this.path} is not the beginning of image names: ${this.detail}`
  }
  get advice(): string {
    return 'Write it as in "gcr.io/project" or, for images such as "nginx", "docker.io/library".'
  }
}

/** Everything that makes a policy unusable, each with its place, a message and an advice. */
export const PolicyProblem = Schema.Union([
  PolicyRefused,
  SyntaxInvalid,
  ValueTypeInvalid,
  CharacterNotAllowed,
  PolicyKeyUnknown,
  PolicyKeyDuplicate,
  PolicyDocumentSecond,
  PolicyDefaultInvalid,
  PolicyLogDriverInvalid,
  PolicyRuntimeInvalid,
  PolicyCapabilityInvalid,
  PolicyPathInvalid,
  PolicyPortInvalid,
  PolicyProjectInvalid,
  PolicySysctlInvalid,
  PolicyVolumeInvalid,
  PolicyRegistryInvalid
])
export type PolicyProblem = typeof PolicyProblem.Type
