import * as Schema from "effect/Schema"
import { position } from "../yaml/Position.ts"

const kind = Schema.Literals(["ConfigMap", "Secret"])

/** A ConfigMap or Secret that nothing can refer to. */
export class ConfigNameMissing extends Schema.TaggedError<ConfigNameMissing>()("ConfigNameMissing", {
  ...position,
  kind
}) {
  override get message(): string {
    return `the ${this.kind} has no name`
  }
  get advice(): string {
    return 'Write it as "name" below "metadata".'
  }
}

/** Two of one kind and name. */
export class ConfigNameDuplicate extends Schema.TaggedError<ConfigNameDuplicate>()("ConfigNameDuplicate", {
  ...position,
  kind,
  name: Schema.String
}) {
  override get message(): string {
    return `the text has another ${this.kind} "${this.name}"`
  }
  get advice(): string {
    return "Make one of the two, or give each a name of its own."
  }
}

/** A key that Kubernetes would refuse. It is not shown: what slipped out of its place may be a value. */
export class ConfigKeyInvalid extends Schema.TaggedError<ConfigKeyInvalid>()("ConfigKeyInvalid", {
  ...position,
  kind,
  name: Schema.String,
  /** It stands under two of "data", "binaryData" and "stringData", of which it may have one. */
  isDouble: Schema.Boolean
}) {
  override get message(): string {
    return this.isDouble
      ? `a key of the ${this.kind} "${this.name}" stands in both "data" and "binaryData"`
      : `a key of the ${this.kind} "${this.name}" cannot be one`
  }
  get advice(): string {
    return this.isDouble
      ? "Keep one of the two."
      : "Use at most 253 letters, digits, '-', '_' and '.', and not '.' or what begins with '..'."
  }
}

/** A value that is to be Base64, and is not. */
export class ConfigValueNotBase64 extends Schema.TaggedError<ConfigValueNotBase64>()("ConfigValueNotBase64", {
  ...position,
  kind,
  name: Schema.String
}) {
  override get message(): string {
    return this.kind === "Secret"
      ? `a value in "data" of the Secret "${this.name}" is not Base64`
      : `a value in "binaryData" of the ConfigMap "${this.name}" is not Base64`
  }
  get advice(): string {
    return this.kind === "Secret"
      ? 'Write it as it is below "stringData", or encode it: printf %s VALUE | base64 --wrap=0.'
      : 'Write it as it is below "data", or encode it: base64 --wrap=0 FILE.'
  }
}

/** A Secret that lacks what its type demands. */
export class SecretTypeUnmet extends Schema.TaggedError<SecretTypeUnmet>()("SecretTypeUnmet", {
  ...position,
  name: Schema.String,
  type: Schema.String,
  /** As in `the key "tls.crt"`. */
  missing: Schema.String
}) {
  override get message(): string {
    return `the Secret "${this.name}" is of type ${this.type}, and lacks ${this.missing}`
  }
  get advice(): string {
    return 'Add it, or leave out "type".'
  }
}

/** A name of an object, or of a namespace, that Kubernetes would refuse. */
export class ObjectNameInvalid extends Schema.TaggedError<ObjectNameInvalid>()("ObjectNameInvalid", {
  ...position,
  /** As in `metadata.name`. */
  path: Schema.String,
  found: Schema.String
}) {
  override get message(): string {
    return `${this.path} is not a name: "${this.found}"`
  }
  get advice(): string {
    return this.path.endsWith("namespace")
      ? "Use at most 63 lower-case letters, digits and dashes, and begin and end with a letter or a digit."
      : "Use lower-case letters, digits and dashes, joined by single dots."
  }
}

/** A label or an annotation that Kubernetes would refuse. */
export class LabelInvalid extends Schema.TaggedError<LabelInvalid>()("LabelInvalid", {
  ...position,
  /** As in `metadata.labels.app`. */
  path: Schema.String,
  part: Schema.Literals(["key", "value"])
}) {
  override get message(): string {
    return `${this.path} has a ${this.part} that cannot be one`
  }
  get advice(): string {
    const name = "at most 63 letters, digits, '-', '_' and '.', the first and last a letter or digit"
    return this.part === "value" ? `Use ${name}.` : `Use ${name}; a DNS name and a "/" may stand before them.`
  }
}
