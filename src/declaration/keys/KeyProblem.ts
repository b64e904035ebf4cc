import * as Schema from "effect/Schema"
import { orElse } from "../../text/nearest.ts"
import { position } from "../yaml/Position.ts"
import { visible } from "../../text/printable.ts"

/** A key that does not exist, most likely a misspelling of one that does. */
export class KeyMisspelt extends Schema.TaggedError<KeyMisspelt>()("KeyMisspelt", {
  ...position,
  key: Schema.String,
  /** The mapping that it was written in, as in "a container". */
  owner: Schema.String,
  suggestion: Schema.String
}) {
  override get message(): string {
    return `${this.owner} has no key "${this.key}"`
  }
  get advice(): string {
    return `Did you mean "${visible(this.suggestion)}"?`
  }
}

/** A key that belongs elsewhere, in this spelling or a similar one. */
export class KeyInWrongPlace extends Schema.TaggedError<KeyInWrongPlace>()("KeyInWrongPlace", {
  ...position,
  key: Schema.String,
  owner: Schema.String,
  /** As it is spelt. */
  meant: Schema.String,
  /** What it belongs to, as in `"spec"`. */
  belongsTo: Schema.String
}) {
  override get message(): string {
    return `${this.owner} has no key "${this.key}"`
  }
  get advice(): string {
    return placeAdvice(this)
  }
}

/** A key that does not exist. It is ignored. */
export class KeyUnknown extends Schema.TaggedClass<KeyUnknown>()("KeyUnknown", {
  ...position,
  /** `…` if the key itself may be a secret. */
  key: Schema.String,
  /** The mapping that it was written in, as in "a container". */
  owner: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  get message(): string {
    return `${this.owner} has no key "${this.key}"; it is ignored`
  }
  get advice(): string {
    return orElse(this.suggestion, "Remove it.")
  }
}

/** The same where it is only a warning. It is ignored. */
export class KeyMisplaced extends Schema.TaggedClass<KeyMisplaced>()("KeyMisplaced", {
  ...position,
  key: Schema.String,
  owner: Schema.String,
  /** As it is spelt. */
  meant: Schema.String,
  /** What it belongs to, as in `"spec"`. */
  belongsTo: Schema.String
}) {
  get message(): string {
    return `${this.owner} has no key "${this.key}"; it is ignored`
  }
  get advice(): string {
    return placeAdvice(this)
  }
}

/** A field of Kubernetes that asks for something that one VM has no use for. It is ignored. */
export class KeyMeaningless extends Schema.TaggedClass<KeyMeaningless>()("KeyMeaningless", {
  ...position,
  key: Schema.String,
  /** The mapping that it was written in, as in "a container". */
  owner: Schema.String,
  /** In a few words, as in "no scheduler chooses a node". */
  why: Schema.String
}) {
  get message(): string {
    return `"${this.key}" in ${this.owner} has no meaning on one VM (${this.why}); it is ignored`
  }
  get advice(): string {
    return "Remove it, or leave it for Kubernetes."
  }
}

/** A field of Kubernetes without which the Pod would not be what was asked for. */
export class KeyRefused extends Schema.TaggedError<KeyRefused>()("KeyRefused", {
  ...position,
  key: Schema.String,
  /** The mapping that it was written in, as in "a volume". */
  owner: Schema.String,
  why: Schema.String,
  /** What to write instead. */
  advice: Schema.String
}) {
  override get message(): string {
    return `"${this.key}" in ${this.owner} cannot be used here: ${this.why}`
  }
}

/** A key of Kubernetes or Docker Compose that is not supported. It is ignored. */
export class KeyUnsupported extends Schema.TaggedClass<KeyUnsupported>()("KeyUnsupported", {
  ...position,
  key: Schema.String,
  owner: Schema.String,
  advice: Schema.String
}) {
  get message(): string {
    return `"${this.key}" in ${this.owner} is not supported; it is ignored`
  }
}

/** A key that is written twice. The last one counts. */
export class KeyDuplicate extends Schema.TaggedClass<KeyDuplicate>()("KeyDuplicate", {
  ...position,
  key: Schema.String,
  /** Of the one before. */
  firstLine: Schema.Int
}) {
  get message(): string {
    return `"${this.key}" was already written on line ${this.firstLine}; this one counts`
  }
  get advice(): string {
    return "Keep one of them."
  }
}

/** Where a key belongs, and how it is spelt there. */
const placeAdvice = (place: { readonly key: string; readonly meant: string; readonly belongsTo: string }): string =>
  place.key === place.meant
    ? `Did you mean to put it into ${place.belongsTo}?`
    : `Did you mean "${visible(place.meant)}", in ${place.belongsTo}?`
