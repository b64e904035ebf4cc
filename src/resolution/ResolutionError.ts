import * as Schema from "effect/Schema"
import { SecretManagerError } from "../vm/secrets/SecretManagerError.ts"

/** Neither metadata nor the host says what a declaration asks of the VM. */
export class VmFactUnknown extends Schema.TaggedError<VmFactUnknown>()("VmFactUnknown", {
  /** As in "the VM's internal address". */
  what: Schema.String
}) {
  get advice() {
    return 'Write the value itself, as "value" in place of "valueFrom".'
  }
  override get message() {
    return `${this.what} is not known: the metadata server does not say, nor does the host`
  }
}

/** A secret that cannot be a variable's value. */
export class SecretUnusable extends Schema.TaggedError<SecretUnusable>()("SecretUnusable", {
  /** As declared. */
  secret: Schema.String,
  /** In words that follow its name. */
  detail: Schema.String
}) {
  get advice() {
    return "Encode it (base64) in a version of its own, and decode it in the container."
  }
  override get message() {
    return `the secret ${this.secret} cannot be the value of a variable: it ${this.detail}`
  }
}

const SecretFailure = Schema.Union([SecretManagerError, SecretUnusable])

/** Secrets that the declaration names cannot be read, or not be used: each that was found. */
export class SecretsUnavailable extends Schema.TaggedError<SecretsUnavailable>()("SecretsUnavailable", {
  reasons: Schema.NonEmptyArray(SecretFailure)
}) {
  get heading() {
    return "secrets that the declaration names cannot be read, nothing was changed:"
  }
  /** Once, where it is the same for several. */
  get advice() {
    const advice = new Set(this.reasons.flatMap(({ advice }) => (advice === undefined ? [] : [advice])))
    return advice.size === 0 ? undefined : [...advice].join("\n")
  }
  override get message() {
    return [...new Set(this.reasons.map(({ message }) => message))].join("\n")
  }
}
