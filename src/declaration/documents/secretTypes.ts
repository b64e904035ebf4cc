import * as Result from "effect/Result"
import type { Check } from "../check/Check.ts"
import type { DeclaredSecret } from "../schema/ConfigSchema.ts"
import type { ConfigEntry } from "./ConfigDocuments.ts"
import { SecretTypeUnmet } from "./ConfigProblem.ts"

export type SecretTypeProblem = SecretTypeUnmet

type Entries = ReadonlyMap<string, ConfigEntry>

/** A Secret with the credentials of registries, as `docker login` writes them. */
export const dockerConfigType = "kubernetes.io/dockerconfigjson"
export const dockerConfigKey = ".dockerconfigjson"

/** What a Secret of a type lacks; undefined if it has all that Kubernetes wants of it. */
const missing: Readonly<Record<string, (entries: Entries) => string | undefined>> = {
  [dockerConfigType]: (entries) => jsonUnder(entries, dockerConfigKey),
  "kubernetes.io/dockercfg": (entries) => jsonUnder(entries, ".dockercfg"),
  "kubernetes.io/basic-auth": (entries) =>
    entries.has("username") || entries.has("password") ? undefined : 'the key "username" or "password"',
  "kubernetes.io/ssh-auth": (entries) => keyOf(entries, "ssh-privatekey"),
  "kubernetes.io/tls": (entries) => keyOf(entries, "tls.crt") ?? keyOf(entries, "tls.key")
}

/** Checks what the types that Kubernetes knows demand. */
export const checkSecretType = (
  secret: DeclaredSecret,
  name: string,
  entries: Entries,
  check: Check<SecretTypeProblem, never>
): void => {
  const place = check.at(secret, "type")
  const lacks = Object.hasOwn(missing, secret.type) ? missing[secret.type]?.(entries) : undefined
  if (lacks !== undefined && !place.invalid) {
    check.slip(place, SecretTypeUnmet, { name, type: secret.type, missing: lacks })
  }
}

const keyOf = (entries: Entries, key: string): string | undefined => (entries.has(key) ? undefined : `the key "${key}"`)

const jsonUnder = (entries: Entries, key: string): string | undefined =>
  keyOf(entries, key) ??
  (Result.isSuccess(Result.try(() => JSON.parse(entries.get(key)?.text ?? "") as unknown))
    ? undefined
    : `JSON under "${key}"`)
