import * as Base64 from "effect/encoding/Base64"
import * as Result from "effect/Result"
import type { Check } from "../check/Check.ts"
import { checkMetadata } from "../check/Metadata.ts"
import type { DeclaredConfigMap, DeclaredSecret } from "../schema/ConfigSchema.ts"
import { isConfigKey } from "../../workload/qualifiedName.ts"
import type { ConfigDocument, ConfigEntry, ConfigKind } from "./ConfigDocuments.ts"
import {
  ConfigKeyInvalid,
  ConfigNameMissing,
  ConfigValueNotBase64,
  type LabelInvalid,
  type ObjectNameInvalid
} from "./ConfigProblem.ts"
import { checkSecretType, type SecretTypeProblem } from "./secretTypes.ts"

export type ConfigProblem =
  | ConfigNameMissing
  | ConfigKeyInvalid
  | ConfigValueNotBase64
  | LabelInvalid
  | ObjectNameInvalid
  | SecretTypeProblem

type ConfigCheck = Check<ConfigProblem, never>

/** Checks a ConfigMap as Kubernetes does. Undefined where nothing can refer to it. */
export const checkConfigMap = (
  configMap: DeclaredConfigMap,
  namespace: string,
  check: ConfigCheck
): ConfigDocument | undefined => {
  const { data, binaryData } = configMap
  return document("ConfigMap", configMap, namespace, check, (reader) => {
    reader.texts(configMap, "data")
    reader.base64(configMap, "binaryData", (bytes) => ({ bytes, text: undefined }))
    for (const key of Object.keys(binaryData)) if (Object.hasOwn(data, key)) reader.double(binaryData, key)
    return ""
  })
}

/** Checks a Secret as Kubernetes does: `stringData` goes before `data`. */
export const checkSecret = (
  secret: DeclaredSecret,
  namespace: string,
  check: ConfigCheck
): ConfigDocument | undefined =>
  document("Secret", secret, namespace, check, (reader) => {
    reader.base64(secret, "data", (bytes) => ({ bytes, text: textOf(bytes) }))
    reader.texts(secret, "stringData")
    checkSecretType(secret, reader.name, reader.entries, check)
    return secret.type
  })

const document = (
  kind: ConfigKind,
  declared: Pick<DeclaredConfigMap, "metadata">,
  namespace: string,
  check: ConfigCheck,
  read: (reader: EntryReader) => string
): ConfigDocument | undefined => {
  const { metadata } = declared
  const place = check.at(metadata, "name")
  const { name, namespace: own = namespace } = checkMetadata(metadata, check)
  if (metadata.name === "" && !place.invalid) check.slip(place, ConfigNameMissing, { kind })
  const reader = new EntryReader(kind, check.quote(metadata, "name"), check)
  const type = read(reader)
  if (name === undefined) return undefined
  return { kind, name, namespace: own, type, entries: reader.entries, isPartial: reader.isPartial }
}

type Values = Readonly<Record<string, string>>

/** Collects what a document has under its keys. */
class EntryReader {
  readonly entries = new Map<string, ConfigEntry>()
  isPartial = false
  readonly name: string
  readonly #kind: ConfigKind
  readonly #check: ConfigCheck

  constructor(kind: ConfigKind, name: string, check: ConfigCheck) {
    this.#kind = kind
    this.name = name
    this.#check = check
  }

  texts<K extends string>(owner: Readonly<Record<K, Values>>, field: K): void {
    this.#each(owner, field, (text) => ({ bytes: new TextEncoder().encode(text), text }))
  }

  base64<K extends string>(
    owner: Readonly<Record<K, Values>>,
    field: K,
    entryOf: (bytes: Uint8Array) => ConfigEntry
  ): void {
    const values = owner[field]
    this.#each(owner, field, (text, key) => {
      // As Go decodes: line breaks count for nothing.
      const bytes = Base64.decode(text.replaceAll(/[\r\n]/g, ""))
      if (Result.isSuccess(bytes)) return entryOf(bytes.success)
      const place = this.#check.at(values, key)
      this.#check.slip(place, ConfigValueNotBase64, { kind: this.#kind, name: this.name })
      return undefined
    })
  }

  double(values: Values, key: string): void {
    this.#check.slip(this.#check.at(values, key), ConfigKeyInvalid, {
      kind: this.#kind,
      name: this.name,
      isDouble: true
    })
  }

  #each<K extends string>(
    owner: Readonly<Record<K, Values>>,
    field: K,
    entryOf: (text: string, key: string) => ConfigEntry | undefined
  ): void {
    const values = owner[field]
    this.isPartial ||= this.#check.at(owner, field).invalid
    for (const [key, text] of Object.entries(values)) {
      const place = this.#check.at(values, key)
      if (!isConfigKey(key)) {
        this.#check.slip(place, ConfigKeyInvalid, { kind: this.#kind, name: this.name, isDouble: false })
      }
      const entry = place.invalid ? undefined : entryOf(text, key)
      if (entry === undefined) this.isPartial = true
      else this.entries.set(key, entry)
    }
  }
}

/** As a variable's value; undefined where it cannot be one. */
const textOf = (bytes: Uint8Array): string | undefined => {
  if (bytes.includes(0)) return undefined
  const decoded = Result.try(() => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes))
  return Result.getOrUndefined(decoded)
}
