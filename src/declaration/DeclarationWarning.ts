import * as Schema from "effect/Schema"
import { placeAdvice } from "./keys/KeyProblem.ts"
import { orElse } from "../text/nearest.ts"
import { PlaceholderInValue } from "./check/PlaceholderProblem.ts"
import { position } from "./yaml/Position.ts"
import { Tolerated } from "./check/Tolerated.ts"

/** A key that does not exist: it is ignored. */
export class KeyUnknown extends Schema.TaggedClass<KeyUnknown>()("KeyUnknown", {
  ...position,
  /** `…` where the key itself may be a secret. */
  key: Schema.String,
  /** What it was written in, as in "a container". */
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

/** A key that exists elsewhere, in this spelling or in one that is near: it is ignored where it was written. */
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

/** A key of Kubernetes that has no effect here. */
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

/** A key that is written twice: the last one counts. */
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

/** A volume that nothing mounts: it is left out, and a disk of it is not touched. */
export class VolumeUnused extends Schema.TaggedClass<VolumeUnused>()("VolumeUnused", {
  ...position,
  volume: Schema.String
}) {
  get message(): string {
    return `nothing mounts the volume "${this.volume}"; it is left out`
  }
  get advice(): string {
    return 'Mount it in the container\'s "volumeMounts", or remove it.'
  }
}

/** Command and arguments together are one word with white space in it: probably a whole command line. */
export class CommandContainsWhiteSpace extends Schema.TaggedClass<CommandContainsWhiteSpace>()(
  "CommandContainsWhiteSpace",
  {
    ...position,
    /** How many words the white space separates. */
    words: Schema.Int
  }
) {
  get message(): string {
    return "the container's command is one word that contains white space; no shell will split it"
  }
  get advice(): string {
    return this.words > 1
      ? "Pass arguments separately: each as an item of its own; with gcloud, each in a --container-arg; in the Cloud " +
          'Console, each in a field of its own below "Command and arguments" in "Advanced container options".'
      : "Is there leading or trailing white space by mistake?"
  }
}

/** Two variables of one name: in the container the last one counts. */
export class EnvironmentNameDuplicate extends Schema.TaggedClass<EnvironmentNameDuplicate>()(
  "EnvironmentNameDuplicate",
  {
    ...position,
    /** As in `spec.containers[0].env[2]`; the name itself is not shown. */
    path: Schema.String,
    /** Of the one before. */
    firstLine: Schema.Int
  }
) {
  get message(): string {
    return `the variable ${this.path} has the name of the one on line ${this.firstLine}; this one counts`
  }
  get advice(): string {
    return "Keep one of them."
  }
}

/** A value that ends where a comment begins, which was most likely meant as a part of it. */
export class ValueCutByComment extends Schema.TaggedClass<ValueCutByComment>()("ValueCutByComment", {
  ...position,
  path: Schema.String,
  /** Nothing stands before the comment. */
  isEmpty: Schema.Boolean
}) {
  get message(): string {
    return this.isEmpty
      ? `${this.path} is empty: a "#" after white space begins a comment`
      : `${this.path} ends before the "#": after white space it begins a comment`
  }
  get advice(): string {
    return 'Quote the whole value if the "#" belongs to it; write "# " if it is a comment.'
  }
}

/** An image reference that is well formed, and that no registry has. */
export class ImageRegistryDoubtful extends Schema.TaggedClass<ImageRegistryDoubtful>()("ImageRegistryDoubtful", {
  ...position,
  image: Schema.String,
  detail: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  get message(): string {
    return `"${this.image}" can hardly be pulled: ${this.detail}`
  }
  get advice(): string {
    return orElse(this.suggestion, "Write the image's full name.")
  }
}

/** A second YAML document in the text. */
export class DocumentIgnored extends Schema.TaggedClass<DocumentIgnored>()("DocumentIgnored", position) {
  get message(): string {
    return "a second YAML document begins here; only the first is read"
  }
  get advice(): string {
    return 'Remove it, or the "---" before it.'
  }
}

/** What an operator should know about a declaration that can be used all the same. */
export const DeclarationWarning = Schema.Union([
  KeyUnknown,
  KeyMisplaced,
  KeyUnsupported,
  KeyDuplicate,
  VolumeUnused,
  CommandContainsWhiteSpace,
  EnvironmentNameDuplicate,
  ValueCutByComment,
  PlaceholderInValue,
  ImageRegistryDoubtful,
  Tolerated,
  DocumentIgnored
])
export type DeclarationWarning = typeof DeclarationWarning.Type
