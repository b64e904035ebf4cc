import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import { type ConfigScope, type Looked, lookUpKey, type ReferenceProblem } from "./ConfigReference.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import type { ConfigEntry, ConfigKind } from "../documents/ConfigDocuments.ts"
import { FieldMissing, FieldPathInvalid, podField } from "./FieldPath.ts"
import {
  checkManagedSecretVersion,
  isManaged,
  type ManagedSecretProblem,
  type SecretKeyIsVersion
} from "./ManagedSecret.ts"
import type { DeclaredVariable } from "../../workload/DeclaredWorkload.ts"
import type { PodMetadata } from "../../workload/PodMetadata.ts"
import { hasFated } from "../keys/hasFated.ts"
import { checkResourceField, type ResourceFieldProblem } from "./ResourceField.ts"
import { position } from "../yaml/Position.ts"

/** A variable that has no one source. */
export class ValueSourceInvalid extends Schema.TaggedError<ValueSourceInvalid>()("ValueSourceInvalid", {
  ...position,
  /** As in `spec.containers[0].env[0].valueFrom`. */
  path: Schema.String,
  /** What it has: the keys of its sources, and "value" if that is written as well. */
  found: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return this.found.length === 0
      ? `${this.path} names no source`
      : `${this.path} has more than one source: ${this.found.join(", ")}`
  }
  get advice(): string {
    return "Give the variable exactly one of value, configMapKeyRef, secretKeyRef, fieldRef and resourceFieldRef."
  }
}

/** A value of bytes that no variable can have. */
export class ValueNotText extends Schema.TaggedError<ValueNotText>()("ValueNotText", {
  ...position,
  /** As in `spec.containers[0].env[0].valueFrom.secretKeyRef`. */
  path: Schema.String
}) {
  override get message(): string {
    return `${this.path} leads to a value that no variable can hold: it is no text`
  }
  get advice(): string {
    return "Mount it as a file, or store it as text."
  }
}

export type ValueFromProblem =
  | ManagedSecretProblem
  | ReferenceProblem
  | ResourceFieldProblem
  | FieldPathInvalid
  | ValueSourceInvalid
  | ValueNotText

export type ValueFromWarning = FieldMissing | SecretKeyIsVersion

/** What variables may come from. */
export interface EnvironmentScope extends ConfigScope {
  readonly pod: PodMetadata
  /** Of the Pod, init containers included, by name. */
  readonly containers: ReadonlyMap<string, DeclaredContainer>
}

type Variable = DeclaredContainer["env"][number]
type Sources = NonNullable<Variable["valueFrom"]>

const sourceKeys = ["configMapKeyRef", "secretKeyRef", "fieldRef", "resourceFieldRef"] as const

/**
 * The variable whose value comes from elsewhere, with its value where the text has it. Undefined where it is left out:
 * what it refers to may be missing, and is.
 */
export const checkValueFrom = (
  variable: Variable,
  sources: Sources,
  own: DeclaredContainer,
  scope: EnvironmentScope,
  check: Check<ValueFromProblem, ValueFromWarning>
): DeclaredVariable | undefined => {
  const { name, value } = variable
  const { configMapKeyRef, secretKeyRef, fieldRef, resourceFieldRef } = sources
  const given = [...(value === "" ? [] : ["value"]), ...sourceKeys.filter((source) => sources[source] !== undefined)]
  const place = check.at(variable, "valueFrom")
  // Where a source is wrong, konlet's rules leave the value as it is written.
  const written = { name, value }
  if (given.length !== 1) {
    if (given.length > 1 || !(hasMisfit(sources, check) || hasFated(place, "a valueFrom"))) {
      check.slip(place, ValueSourceInvalid, { path: place.path, found: given })
    }
    return written
  }
  if (fieldRef !== undefined) return ofField(name, fieldRef, scope.pod, check) ?? written
  if (resourceFieldRef !== undefined) {
    return checkResourceField(name, resourceFieldRef, own, scope.containers, check) ?? written
  }
  const keyOf = (kind: ConfigKind, reference: NonNullable<typeof configMapKeyRef>, path: string) =>
    ofKey(written, lookUpKey(kind, reference, scope, check), path, () =>
      check.slip(check.at(reference, "key"), ValueNotText, { path })
    )
  if (configMapKeyRef !== undefined) {
    return keyOf("ConfigMap", configMapKeyRef, check.at(sources, "configMapKeyRef").path)
  }
  if (secretKeyRef === undefined) return written
  return isManaged(secretKeyRef, scope, check)
    ? ofSecretManager(written, secretKeyRef, scope, check)
    : keyOf("Secret", secretKeyRef, check.at(sources, "secretKeyRef").path)
}

const ofKey = (
  written: { readonly name: string; readonly value: string },
  looked: Looked<ConfigEntry>,
  path: string,
  refuse: (path: string) => void
): DeclaredVariable | undefined => {
  if (looked._tag === "Absent") return undefined
  if (looked._tag === "Unknown") return written
  const { text } = looked.found
  if (text === undefined) refuse(path)
  return text === undefined ? written : { name: written.name, value: text }
}

const ofSecretManager = (
  written: { readonly name: string; readonly value: string },
  reference: NonNullable<Sources["secretKeyRef"]>,
  scope: ConfigScope,
  check: Check<ManagedSecretProblem, SecretKeyIsVersion>
): DeclaredVariable => {
  const secret = checkManagedSecretVersion(reference, scope, check)
  return secret === undefined
    ? written
    : { name: written.name, from: { _tag: "Secret", secret, isOptional: reference.optional } }
}

const ofField = (
  name: string,
  fieldRef: NonNullable<Sources["fieldRef"]>,
  pod: PodMetadata,
  check: Check<FieldPathInvalid, FieldMissing>
): DeclaredVariable | undefined => {
  const { apiVersion, fieldPath } = fieldRef
  const isVersion = apiVersion === "" || apiVersion === "v1"
  const field = isVersion ? podField(fieldPath, pod) : undefined
  if (field === undefined) {
    const key = isVersion ? "fieldPath" : "apiVersion"
    const place = check.at(fieldRef, key)
    if (!place.invalid) check.slip(place, FieldPathInvalid, { path: place.path, found: check.quote(fieldRef, key) })
    return undefined
  }
  if (field._tag === "Known" && field.isMissing === true) {
    check.warning(check.at(fieldRef, "fieldPath"), FieldMissing, { found: check.quote(fieldRef, "fieldPath") })
  }
  return field._tag === "Known" ? { name, value: field.value } : { name, from: { _tag: "Field", field: field.field } }
}

/** Whether a source that is missing may be one of the wrong type, which has been reported. */
const hasMisfit = (sources: Sources, check: Check<never, never>): boolean =>
  sourceKeys.some((source) => check.at(sources, source).invalid)
