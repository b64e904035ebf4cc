import * as Schema from "effect/Schema"
import { position } from "./Position.ts"

const refusals = {
  Empty: [
    "the declaration is empty: it declares no container",
    'Declare one below "spec:", "containers:", as an item with at least an "image". Where nothing is to run, remove the ' +
      "declaration itself."
  ],
  TooLarge: ["the declaration is larger than 512 KiB", "Move what makes it large into the image or onto a disk."],
  TooDeep: ["the declaration is nested more than 100 levels deep", "Write it flat: no part of it needs 10 levels."],
  TooManyParts: [
    "the declaration has too many parts to be one",
    "Move what makes it large into the image or onto a disk."
  ],
  TooManyAliases: [
    "the aliases (*name) unfold to more than a declaration can hold, or one contains itself",
    "Write out what the aliases stand for."
  ],
  Utf16: ["the declaration is in UTF-16", "Save it as UTF-8."],
  NotUtf8: ["the declaration is not text in UTF-8", "Save it as UTF-8."],
  ControlCharacter: [
    "the declaration contains a control character, which YAML forbids",
    'Remove it; inside double quotes it can be written as an escape ("\\x1b").'
  ]
} as const

/** The text is not read any further: that would be unsafe, or of no use. */
export class DeclarationRefused extends Schema.TaggedError<DeclarationRefused>()("DeclarationRefused", {
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

/** The text is not YAML. It is not quoted: without a structure, any part may be a secret. */
export class SyntaxInvalid extends Schema.TaggedError<SyntaxInvalid>()("SyntaxInvalid", {
  ...position,
  /** What YAML does not allow here, in words of ours. */
  detail: Schema.String,
  advice: Schema.String
}) {
  override get message(): string {
    return `this is not valid YAML: ${this.detail}`
  }
}

/** A value of another type than the key takes. */
export class ValueTypeInvalid extends Schema.TaggedError<ValueTypeInvalid>()("ValueTypeInvalid", {
  ...position,
  /** As in `spec.containers[0].tty`. */
  path: Schema.String,
  expected: Schema.Literals(["text", "a boolean", "a whole number", "a list", "a mapping", "a key"]),
  /** As in "quoted text" or "a list". */
  found: Schema.String,
  /** It is written as a template's placeholder, `{{ name }}`, which YAML takes for a mapping. */
  isPlaceholder: Schema.optionalKey(Schema.Boolean)
}) {
  override get message(): string {
    return `${this.path} must be ${this.expected}, not ${this.found}`
  }
  get advice(): string {
    if (this.isPlaceholder === true)
      return 'Fill in the placeholder ("{{ … }}") beforehand, or quote it if it is meant.'
    if (/\.env(?:\[\d+\])?$/.test(this.path))
      return 'Write each variable as "- name: NAME", with "value: …" below "name".'
    if (/\.ports\[\d+\]$/.test(this.path)) {
      return 'Write each port as "- containerPort: NUMBER", with "hostPort: NUMBER" below it where the host publishes it.'
    }
    if (/\.(?:runAsUser|runAsGroup|fsGroup|supplementalGroups\[\d+\])$/.test(this.path)) {
      return "Write a number, as `id` shows it in the container: 0 is root."
    }
    if (/\.(?:mode|defaultMode)$/.test(this.path)) {
      return "Write a number from 0 to 0777 without quotes, as in 0644. In JSON there is no octal: there it is 0 to 511, and 420 is 0644."
    }
    if (/^items\[\d+\]$/.test(this.path)) return 'Remove its "-", or write the Pod, a ConfigMap or a Secret after it.'
    return typeAdvice[this.expected](this.found)
  }
}

const typeAdvice: Record<ValueTypeInvalid["expected"], (found: string) => string> = {
  text: () => 'Write one value. Text that contains ": " or begins with "{" or "[" needs quotes.',
  "a boolean": (found) => (found === "quoted text" ? "Write true or false without quotes." : "Write true or false."),
  "a whole number": (found) => (found === "quoted text" ? "Write the number without quotes." : "Write a whole number."),
  "a list": (found) =>
    found === "a mapping"
      ? 'Begin each item with "- ".'
      : 'Write each item on a line of its own, beginning with "- ", or all of them as ["first", "second"].',
  "a mapping": (found) =>
    found === "a list" ? 'Write "key: value" lines without "- ".' : 'Write "key: value" lines, indented below the key.',
  "a key": () => 'Write a name, then ": ", then its value.'
}

/** A character, written as an escape ("\\0"), that neither the engine nor Linux accepts in a value. */
export class CharacterNotAllowed extends Schema.TaggedError<CharacterNotAllowed>()("CharacterNotAllowed", {
  ...position,
  path: Schema.String,
  character: Schema.Literals(["NUL", "half of a surrogate pair"])
}) {
  override get message(): string {
    return `${this.path} contains a character that no value can hold: ${this.character}`
  }
  get advice(): string {
    return "Remove the escape."
  }
}

/** A document of Kubernetes that would run containers beside the Pod. */
export class DocumentNotRun extends Schema.TaggedError<DocumentNotRun>()("DocumentNotRun", {
  ...position,
  /** As in "Deployment". */
  kind: Schema.String,
  /** Where it has its Pod. */
  template: Schema.String
}) {
  override get message(): string {
    return `the ${this.kind} is not run: a text is one Pod`
  }
  get advice(): string {
    return `Remove it, or put the containers below its "${this.template}" into the Pod.`
  }
}

/** A kind that is most likely a misspelling of one that is read. */
export class KindMisspelt extends Schema.TaggedError<KindMisspelt>()("KindMisspelt", {
  ...position,
  kind: Schema.String,
  suggestion: Schema.String
}) {
  override get message(): string {
    return `"${this.kind}" is no kind of Kubernetes: nothing would be read of this`
  }
  get advice(): string {
    return `Did you mean "${this.suggestion}"?`
  }
}

/** A document that has what a ConfigMap or a Secret has, and does not say which it is. */
export class KindMissing extends Schema.TaggedError<KindMissing>()("KindMissing", {
  ...position,
  /** As in `data`. */
  key: Schema.String
}) {
  override get message(): string {
    return `a document with "${this.key}" names no kind: nothing would be read of it`
  }
  get advice(): string {
    const kinds = { data: '"kind: ConfigMap" or "kind: Secret"', binaryData: '"kind: ConfigMap"' }
    return `Write ${kinds[this.key as keyof typeof kinds] ?? '"kind: Secret"'} on a line of its own.`
  }
}

/** A second Pod in one text. */
export class PodNotRun extends Schema.TaggedError<PodNotRun>()("PodNotRun", position) {
  override get message(): string {
    return "this is a second Pod, and a text is one Pod: it would not be run"
  }
  get advice(): string {
    return "Put its containers into the first one, or remove it and give it a VM of its own."
  }
}

/** A document of Kubernetes that says nothing about one VM. It is ignored. */
export class DocumentMeaningless extends Schema.TaggedClass<DocumentMeaningless>()("DocumentMeaningless", {
  ...position,
  /** As in "Service". */
  kind: Schema.String
}) {
  get message(): string {
    return `the ${this.kind} has no meaning on one VM; it is ignored`
  }
  get advice(): string {
    return "Remove it. Beside the Pod only ConfigMaps and Secrets are read."
  }
}

/** What follows the first document is not YAML that can be read. It is ignored. */
export class DocumentUnreadable extends Schema.TaggedClass<DocumentUnreadable>()("DocumentUnreadable", {
  ...position,
  /** Why not. */
  detail: Schema.String,
  advice: Schema.String
}) {
  get message(): string {
    return `this and the documents after it are ignored: ${this.detail}`
  }
}

/** A YAML document in the text that is neither the Pod nor a ConfigMap or Secret. */
export class DocumentIgnored extends Schema.TaggedClass<DocumentIgnored>()("DocumentIgnored", position) {
  get message(): string {
    return "another YAML document begins here; beside the Pod only ConfigMaps and Secrets are read"
  }
  get advice(): string {
    return 'Remove it, or the "---" before it.'
  }
}
