import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import { type DeclarationOrigin, isFinalFor } from "../observation/DeclarationOrigin.ts"
import type { OperationTimeout } from "../timing/Deadlines.ts"
import { attempt, isRetryable } from "../timing/Retries.ts"
import type { MetadataError } from "../vm/metadata/MetadataError.ts"
import { SecretManager } from "../vm/secrets/SecretManager.ts"
import type { SecretManagerError } from "../vm/secrets/SecretManagerError.ts"
import { type DeclaredSecretVersion, describeSecretVersion, formatSecretVersion } from "../workload/SecretVersion.ts"
import { type KnownVersions, readKnownVersions } from "./KnownVersions.ts"
import type { VmFactError } from "./VmFacts.ts"

/** What a run finds where a declaration names a version of a secret. */
export type FoundSecret =
  /** `name` is the version that an alias or `latest` stands for. */
  | { readonly _tag: "Read"; readonly name: string; readonly data: Redacted.Redacted<Uint8Array> }
  /** There is no such secret, or no such version. */
  | { readonly _tag: "Absent"; readonly error: SecretError }
  /** It could not be asked for, but the containers came up with the version `name`. */
  | { readonly _tag: "Unread"; readonly name: string; readonly error: SecretError }
  /** Neither is known. */
  | { readonly _tag: "Failed"; readonly error: SecretError }

export type SecretError = SecretManagerError | MetadataError | OperationTimeout | VmFactError

/**
 * Reads secrets of Secret Manager, each once, all concurrently. While it does not answer, or metadata, which has the
 * token for it, the versions stand with which the containers came up: those that run need no value any more, and are
 * neither to be replaced nor given up.
 */
export const findSecrets = Effect.fnUntraced(function* (
  wanted: ReadonlyArray<DeclaredSecretVersion>,
  project: Effect.Effect<string, VmFactError>,
  origin: DeclarationOrigin
) {
  const manager = yield* SecretManager
  const known = yield* Effect.cached(readKnownVersions)

  const read = Effect.fnUntraced(function* (secret: DeclaredSecretVersion) {
    const version = { ...secret, project: secret.project ?? (yield* project) }
    const operation = `read the secret ${formatSecretVersion(version)}`
    return yield* manager.access(version).pipe(attempt("SECRET", operation, isFinalFor(origin)))
  })

  const find = (secret: DeclaredSecretVersion) =>
    read(secret).pipe(
      Effect.map(({ name, data }): FoundSecret => ({ _tag: "Read", name, data })),
      Effect.catch((error) => {
        if (isRetryable(error)) return Effect.map(known, (versions) => whileAway(secret, error, versions))
        return Effect.succeed<FoundSecret>({ _tag: isAbsence(error) ? "Absent" : "Failed", error })
      })
    )

  const each = new Map(wanted.map((secret) => [describeSecretVersion(secret), secret]))
  const entries = yield* Effect.forEach(
    each,
    ([key, secret]) => Effect.map(find(secret), (found) => [key, found] as const),
    { concurrency: "unbounded" }
  )
  const found: ReadonlyMap<string, FoundSecret> = new Map(entries)
  return found
})

const whileAway = (secret: DeclaredSecretVersion, error: SecretError, versions: KnownVersions): FoundSecret => {
  const name = versions.get(describeSecretVersion(secret))
  if (name === undefined) return { _tag: "Failed", error }
  return name === null ? { _tag: "Absent", error } : { _tag: "Unread", name, error }
}

const isAbsence = (error: SecretError): boolean =>
  error._tag === "SecretManagerError" && error.reason._tag === "SecretNotFound"

/** The versions that were found, for the next run. */
export const versionsOf = (found: ReadonlyMap<string, FoundSecret>): KnownVersions =>
  new Map(
    [...found].flatMap(([key, secret]) =>
      secret._tag === "Failed" ? [] : [[key, secret._tag === "Absent" ? null : secret.name] as const]
    )
  )
