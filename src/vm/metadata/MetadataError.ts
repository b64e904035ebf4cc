import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { finalExitCodes } from "../../text/finalExitCodes.ts"

/** `url` is what was requested; it holds no secret. */
const fields = { url: Schema.String }

/** The metadata server's name does not resolve, or nothing answers there. */
export class MetadataUnreachable extends Schema.TaggedError<MetadataUnreachable>()("MetadataUnreachable", {
  ...fields,
  detail: Schema.String,
  /** Its name did not resolve. */
  isUnresolved: Schema.optionalKey(Schema.Boolean)
}) {
  get isRetryable() {
    return true
  }
  get advice() {
    return "Outside of Google Cloud there is no metadata server: name a declaration with --declaration, or a server with GCE_METADATA_HOST."
  }
  override get message() {
    return `the metadata server did not answer at ${this.url}: ${this.detail}`
  }
}

/** The metadata server answered with a status that is neither 200 nor 404. */
export class MetadataRefused extends Schema.TaggedError<MetadataRefused>()("MetadataRefused", {
  ...fields,
  statusCode: Schema.Int
}) {
  get isRetryable() {
    return this.statusCode === 429 || this.statusCode >= 500
  }
  override get message() {
    return `the metadata server answered ${this.statusCode} for ${this.url}`
  }
}

/** Not an answer of the metadata server: no `Metadata-Flavor: Google`, or not the documented shape. */
export class MetadataInvalid extends Schema.TaggedError<MetadataInvalid>()("MetadataInvalid", {
  ...fields,
  detail: Schema.String
}) {
  get isRetryable() {
    return false
  }
  override get message() {
    return `what answered at ${this.url} is not the metadata server's answer: ${this.detail}`
  }
}

/** The setting for the metadata server's address is invalid. */
export class MetadataHostInvalid extends Schema.TaggedError<MetadataHostInvalid>()("MetadataHostInvalid", {
  host: Schema.String
}) {
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.useless
  }
  override get message() {
    return `"${this.host}" is not the address of a metadata server: write a host name or address, and a port if need be`
  }
}

/** A metadata read that failed. */
export class MetadataError extends Schema.TaggedError<MetadataError>()("MetadataError", {
  reason: Schema.Union([MetadataUnreachable, MetadataRefused, MetadataInvalid])
}) {
  get isRetryable() {
    return this.reason.isRetryable
  }
  get advice(): string | undefined {
    return "advice" in this.reason ? this.reason.advice : undefined
  }
  override get message() {
    return this.reason.message
  }
}
