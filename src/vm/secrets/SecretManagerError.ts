import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { finalExitCodes } from "../../text/finalExitCodes.ts"

/**
 * `name` is the version that was asked for: `projects/P/secrets/S/versions/V`. Nothing that a server sent is in any of
 * these but its status and Google's word for it.
 */
const fields = { name: Schema.String }

/** Secret Manager's name does not resolve, nothing answers there, or its certificate is not trusted. */
export class SecretManagerUnreachable extends Schema.TaggedError<SecretManagerUnreachable>()(
  "SecretManagerUnreachable",
  { ...fields, url: Schema.String, detail: Schema.String }
) {
  get isRetryable() {
    return true
  }
  get advice() {
    return "The VM needs a way to secretmanager.googleapis.com (Private Google Access is enough); SLIPWAY_SECRET_MANAGER_URL names another address of it."
  }
  override get message() {
    return `Secret Manager did not answer at ${this.url} for ${this.name}: ${this.detail}`
  }
}

/** There is no such secret, or no such version of it. */
export class SecretNotFound extends Schema.TaggedError<SecretNotFound>()("SecretNotFound", fields) {
  get isRetryable() {
    return false
  }
  get advice() {
    return "Create it, or correct the name: `gcloud secrets versions list SECRET --project PROJECT` lists what is there. The key of a secretKeyRef is the version, `latest` if it is left out."
  }
  override get message() {
    return `Secret Manager has no ${this.name}`
  }
}

/** The VM's service account may not read the secret. Google gives the same answer if there is no such secret. */
export class SecretAccessDenied extends Schema.TaggedError<SecretAccessDenied>()("SecretAccessDenied", {
  ...fields,
  /** The VM's access scopes do not include Secret Manager. */
  isScopeMissing: Schema.optionalKey(Schema.Boolean)
}) {
  get isRetryable() {
    return false
  }
  get advice() {
    return this.isScopeMissing === true
      ? "Give the VM the access scope cloud-platform: https://www.googleapis.com/auth/cloud-platform (it must be stopped for that)."
      : "Grant the role roles/secretmanager.secretAccessor on the secret to the VM's service account; the VM also needs the access scope cloud-platform."
  }
  override get message() {
    return this.isScopeMissing === true
      ? `the VM's access scopes do not let its service account read ${this.name}`
      : `the VM's service account may not read ${this.name}, or there is no such secret`
  }
}

/** The version is disabled or destroyed. */
export class SecretVersionDisabled extends Schema.TaggedError<SecretVersionDisabled>()(
  "SecretVersionDisabled",
  fields
) {
  get isRetryable() {
    return false
  }
  get advice() {
    return "Enable the version (`gcloud secrets versions enable`), or name one that is enabled. `latest` is the newest version even if that is disabled."
  }
  override get message() {
    return `${this.name} cannot be read: it is disabled or destroyed, or its encryption key is`
  }
}

/** The VM has no service account: there is nothing to show to Secret Manager. */
export class SecretAccountMissing extends Schema.TaggedError<SecretAccountMissing>()("SecretAccountMissing", fields) {
  get isRetryable() {
    return false
  }
  get advice() {
    return "Give the VM a service account with the role roles/secretmanager.secretAccessor, and the access scope cloud-platform."
  }
  override get message() {
    return `the VM has no service account with which to read ${this.name}`
  }
}

/** The API is not enabled in the project. */
export class SecretManagerDisabled extends Schema.TaggedError<SecretManagerDisabled>()(
  "SecretManagerDisabled",
  fields
) {
  get isRetryable() {
    return false
  }
  get advice() {
    return "Enable it: `gcloud services enable secretmanager.googleapis.com`, in the project of the VM and in that of the secret."
  }
  override get message() {
    return `the Secret Manager API is not enabled, so ${this.name} cannot be read`
  }
}

/** Any other answer that is not the secret. */
export class SecretManagerRefused extends Schema.TaggedError<SecretManagerRefused>()("SecretManagerRefused", {
  ...fields,
  statusCode: Schema.Int,
  /** Google's word for it, such as `RESOURCE_EXHAUSTED`. */
  status: Schema.optionalKey(Schema.String)
}) {
  get isRetryable() {
    return this.statusCode === 429 || this.statusCode === 408 || this.statusCode >= 500
  }
  get advice(): string | undefined {
    if (this.statusCode === 401) {
      return "Google does not take the token of the VM's service account: see whether the account is disabled or deleted."
    }
    return this.status === undefined && !this.isRetryable
      ? "That is no error of Google's: see whether SLIPWAY_SECRET_MANAGER_URL names Secret Manager."
      : undefined
  }
  override get message() {
    return `Secret Manager answered ${this.statusCode}${this.status === undefined ? "" : ` ${this.status}`} for ${this.name}`
  }
}

/** The value does not have the checksum that came with it. */
export class SecretCorrupted extends Schema.TaggedError<SecretCorrupted>()("SecretCorrupted", fields) {
  get isRetryable() {
    return true
  }
  override get message() {
    return `the value of ${this.name} arrived damaged: its CRC32C is not the one that Secret Manager gave`
  }
}

/** What answered is not Secret Manager: not the documented shape, or more than a secret can have. */
export class SecretManagerInvalid extends Schema.TaggedError<SecretManagerInvalid>()("SecretManagerInvalid", {
  ...fields,
  url: Schema.String,
  detail: Schema.String
}) {
  get isRetryable() {
    return false
  }
  override get message() {
    return `what answered at ${this.url} for ${this.name} is not Secret Manager's answer: ${this.detail}`
  }
}

/** The setting for Secret Manager's address is invalid. */
export class SecretManagerUrlInvalid extends Schema.TaggedError<SecretManagerUrlInvalid>()("SecretManagerUrlInvalid", {
  /** In words that follow the setting's name. */
  expected: Schema.String
}) {
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.useless
  }
  override get message() {
    return `SLIPWAY_SECRET_MANAGER_URL ${this.expected}`
  }
}

/** A secret that could not be read. */
export class SecretManagerError extends Schema.TaggedError<SecretManagerError>()("SecretManagerError", {
  reason: Schema.Union([
    SecretManagerUnreachable,
    SecretNotFound,
    SecretAccessDenied,
    SecretVersionDisabled,
    SecretAccountMissing,
    SecretManagerDisabled,
    SecretManagerRefused,
    SecretCorrupted,
    SecretManagerInvalid
  ])
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
