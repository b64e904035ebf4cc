import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { ConfigScope } from "./ConfigReference.ts"
import { maximumCandidates, nearest } from "../../text/nearest.ts"
import { checkSecretProject, type SecretProjectNotAllowed } from "../policy/checkSecretProject.ts"
import { latestVersion, parseSecretName, isSecretVersionName } from "../../workload/SecretVersion.ts"
import type { DeclaredSecretVersion } from "../../workload/SecretVersion.ts"
import { position } from "../yaml/Position.ts"

/** The name of a Secret that is neither in the text nor one of Secret Manager. */
export class SecretNameInvalid extends Schema.TaggedError<SecretNameInvalid>()("SecretNameInvalid", {
  ...position,
  name: Schema.String,
  /** Why it is no name of Secret Manager's. */
  why: Schema.String
}) {
  override get message(): string {
    return `the Secret "${this.name}" is not in the text, and it is no name of a secret in Secret Manager: ${this.why}`
  }
  get advice(): string {
    return 'Add it as a document of its own, after a line "---", or correct the name.'
  }
}

/** A key that is no version of a secret in Secret Manager. */
export class SecretVersionInvalid extends Schema.TaggedError<SecretVersionInvalid>()("SecretVersionInvalid", {
  ...position,
  name: Schema.String,
  key: Schema.String
}) {
  override get message(): string {
    return `the Secret "${this.name}" is not in the text, so that it is Secret Manager's, which has no version "${this.key}"`
  }
  get advice(): string {
    return (
      'Of a secret in Secret Manager "key" is the version: a number, an alias, or `latest`, which is what it is if it is ' +
      "left out. For a Secret with several keys add it as a document of its own."
    )
  }
}

/** A key that is likely to be meant as one, and is an alias of a version. */
export class SecretKeyIsVersion extends Schema.TaggedClass<SecretKeyIsVersion>()("SecretKeyIsVersion", {
  ...position,
  name: Schema.String,
  key: Schema.String
}) {
  get message(): string {
    return `the Secret "${this.name}" is not in the text, so that it is Secret Manager's, and "${this.key}" an alias of one of its versions`
  }
  get advice(): string {
    return 'Write "key: latest" for the newest version. For a Secret with a key of that name add it as a document of its own.'
  }
}

/**
 * Whether a reference means a secret of Secret Manager: its Secret is not in the text, and no Secret of the text is
 * likely to be meant, which one of a similar name is unless the key can only be a version. `projects/P/secrets/S` means
 * nothing else.
 */
export const isManaged = <R extends { readonly name: string; readonly key?: string }>(
  reference: R,
  scope: ConfigScope,
  check: Check<never, never>
): boolean => isManagedUnder(reference, "name", reference.key === undefined ? [] : [reference.key], scope, check)

/** The same of a reference that has the name under `field`, and means these keys. */
export const isManagedUnder = <K extends string, R extends Readonly<Record<K, string>>>(
  reference: R,
  field: K,
  keys: ReadonlyArray<string>,
  { documents, namespace }: ConfigScope,
  check: Check<never, never>
): boolean => {
  const name: string = reference[field]
  if (check.at(reference, field).invalid || name === "" || documents.hasNameless("Secret")) return false
  if (documents.find("Secret", namespace, name) !== undefined) return false
  if (keys.length > 0 && keys.every((key) => onlyVersion.test(key))) return true
  return nearest(name, documents.names("Secret", namespace).slice(0, maximumCandidates)) === undefined
}

/** Left out, a number or `latest`: an alias may be a key's name as well. */
const onlyVersion = /^(?:\d+|latest)?$/

export type ManagedSecretProblem = SecretNameInvalid | SecretVersionInvalid | SecretProjectNotAllowed

/**
 * The secret of Secret Manager that a reference means, whose Secret is not in the text. Undefined where that is
 * reported.
 */
export const checkManagedSecret = <R extends { readonly name: string }>(
  reference: R,
  scope: ConfigScope,
  check: Check<ManagedSecretProblem, never>
): DeclaredSecretVersion | undefined => checkManagedUnder(reference, "name", scope, check)

/** The same of a reference that has the name under this key. */
export const checkManagedUnder = <K extends string, R extends Readonly<Record<K, string>>>(
  reference: R,
  field: K,
  { policy }: ConfigScope,
  check: Check<ManagedSecretProblem, never>
): DeclaredSecretVersion | undefined => {
  const named = parseSecretName(reference[field])
  const place = check.at(reference, field)
  if (Result.isSuccess(named)) {
    checkSecretProject(named.success.project, place, policy, check)
    return { ...named.success, version: latestVersion }
  }
  check.slip(place, SecretNameInvalid, { name: check.quote(reference, field), why: named.failure })
  return undefined
}

/** The same of a reference with a version in the place of a key. */
export const checkManagedSecretVersion = <R extends { readonly name: string; readonly key: string }>(
  reference: R,
  scope: ConfigScope,
  check: Check<ManagedSecretProblem, SecretKeyIsVersion>
): DeclaredSecretVersion | undefined => {
  const secret = checkManagedSecret(reference, scope, check)
  const { key } = reference
  if (secret === undefined || key === "") return secret
  const [name, shown] = [check.quote(reference, "name"), check.quote(reference, "key")]
  if (isSecretVersionName(key)) {
    // `projects/P/secrets/S` can mean nothing else.
    if (!onlyVersion.test(key) && !reference.name.includes("/")) {
      check.warning(check.at(reference, "key"), SecretKeyIsVersion, { name, key: shown })
    }
    return { ...secret, version: key }
  }
  check.slip(check.at(reference, "key"), SecretVersionInvalid, { name, key: shown })
  return undefined
}
