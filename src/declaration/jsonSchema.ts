import { Declaration } from "./DeclarationSchema.ts"
import { kindWord, knownKinds, lists } from "./documents/kinds.ts"
import { templates } from "./documents/templates.ts"
import { isIdleIfEmpty } from "./keys/asksForNothing.ts"
import type { Fate } from "./keys/Fate.ts"
import { fates } from "./keys/KubernetesKeys.ts"
import { type FieldShape, type RecordShape, recordsOf, type Shape, shapeOf } from "./keys/Shape.ts"
import { ConfigMapSchema, SecretSchema } from "./schema/ConfigSchema.ts"
import type { Limits } from "./schema/limits.ts"

/** A JSON Schema, draft 7: the one that editors know best. */
export interface JsonSchema {
  readonly [keyword: string]: unknown
}

/**
 * A declaration as a JSON Schema, for editors and for checks of other tools: its Pod, and the ConfigMaps and Secrets beside
 * it. It says what the schema's types and the table of fates say, and lets pass what is read, null and konlet's oddities
 * included; what else must hold, `slipway check` knows.
 */
export const declarationJsonSchema = (): JsonSchema => {
  const roots = [Declaration, ConfigMapSchema, SecretSchema].map((schema) => shapeOf(schema) as RecordShape)
  const [pod = roots[0]!, configMap = pod, secret = pod] = roots
  const customary = new Set(roots)
  const definition = (record: RecordShape) => {
    const schema = recordSchema(record)
    return [idOf(record), customary.has(record) ? withCustomary(schema) : schema] as const
  }
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "A declaration of Slipway",
    description: "A Pod of Kubernetes v1 on one VM, and the ConfigMaps and Secrets that it takes values from.",
    ...chosen(
      [
        [hasContainers, reference(pod)],
        [isOfKind(["ConfigMap"]), reference(configMap)],
        [isOfKind(["Secret"]), reference(secret)],
        [isOfKind(lists), list],
        [isOfKind([...templates.keys()]), neverRun],
        [isMisspelt, misspelt],
        [isOtherKind, ignored("An object that is not a Pod's has no meaning on one VM. It is ignored.")]
      ],
      reference(pod)
    ),
    definitions: Object.fromEntries(roots.flatMap((root) => recordsOf(root).map(definition)))
  }
}

/** The first whose condition holds. */
const chosen = (
  [first, ...others]: ReadonlyArray<readonly [condition: JsonSchema, then: JsonSchema]>,
  otherwise: JsonSchema
): JsonSchema =>
  first === undefined
    ? otherwise
    : // oxlint-disable-next-line unicorn/no-thenable -- the keyword of JSON Schema; nothing awaits one
      { if: first[0], then: first[1], else: chosen(others, otherwise) }

/** What has containers is taken for a Pod, whatever it calls itself. */
const hasContainers: JsonSchema = {
  type: "object",
  properties: { spec: { type: "object", required: ["containers"] } },
  required: ["spec"]
}

const isOfKind = (kinds: ReadonlyArray<string>): JsonSchema => {
  return { type: "object", properties: { kind: { enum: kinds } }, required: ["kind"] }
}

const isOtherKind: JsonSchema = {
  type: "object",
  properties: { kind: { type: "string", pattern: kindWord.source, not: { const: "Pod" } } },
  required: ["kind"]
}

/** In other letters, or in the plural: other mistakes are left to the reader. */
const isMisspelt: JsonSchema = {
  type: "object",
  properties: {
    kind: { type: "string", pattern: `^(?:${knownKinds.map(inAnyCase).join("|")})[sS]?$`, not: { const: "Pod" } }
  },
  required: ["kind"]
}

const misspelt: JsonSchema = { not: {}, errorMessage: "A misspelt kind: write it as Kubernetes does, as in ConfigMap." }

/** `null` is as if nothing were written. */
const list: JsonSchema = {
  type: "object",
  properties: { items: { type: ["array", "null"], items: { $ref: "#" } } },
  required: ["items"]
}

const neverRun: JsonSchema = {
  not: {},
  errorMessage: 'Its Pods are not run. Write a Pod: what stands below "template".'
}

function inAnyCase(word: string): string {
  return [...word].map((letter) => `[${letter.toLowerCase()}${letter.toUpperCase()}]`).join("")
}

const idOf = ({ title }: RecordShape): string => title.replaceAll(/^(?:an? |the )|["']/g, "").replaceAll(" ", "-")

const reference = (record: RecordShape): JsonSchema => ({ $ref: `#/definitions/${idOf(record)}` })

const recordSchema = (record: RecordShape): JsonSchema => {
  const required = [...record.fields].flatMap(([key, field]) => (field.required ? key : []))
  return {
    type: ["object", "null"],
    properties: {
      ...mapValues(record.fields, fieldSchema),
      ...mapValues(fates.get(record.title) ?? new Map<string, Fate>(), (fate) => fateSchema(fate, record))
    },
    ...(required.length === 0 ? {} : { required }),
    ...oneOf([...record.fields].flatMap(([key, { alternative }]) => (alternative ? key : []))),
    additionalProperties: false
  }
}

/** Exactly one of these keys is written, if there is a mapping at all. */
const oneOf = (keys: ReadonlyArray<string>): JsonSchema => {
  if (keys.length === 0) return {}
  const written = keys.map((key) => ({ required: [key], properties: { [key]: { not: { type: "null" } } } }))
  return { anyOf: [{ type: "null" }, { oneOf: written }] }
}

/** What every object of Kubernetes has, and keys that hold anchors. */
const withCustomary = (schema: JsonSchema): JsonSchema => ({
  ...schema,
  type: "object",
  properties: {
    apiVersion: { description: "Means nothing here.", type: scalars },
    kind: { description: "Means nothing here.", type: scalars },
    metadata: { description: "Means nothing here." },
    status: { description: "What Kubernetes found. Means nothing here." },
    ...(schema["properties"] as object)
  },
  patternProperties: { "^x-": {} }
})

const mapValues = <A>(map: ReadonlyMap<string, A>, f: (value: A) => JsonSchema): JsonSchema =>
  Object.fromEntries([...map].map(([key, value]) => [key, f(value)]))

const fieldSchema = (field: FieldShape): JsonSchema => {
  const { shape, description, values, required, limits } = field
  const described = description === undefined ? {} : { description }
  if (values !== undefined) return { ...described, enum: [...values, ...(required ? [] : [null])] }
  const schema = { ...typeSchema(shape, limits), ...described }
  return isNeeded(field) ? needed(schema, shape) : schema
}

/** Whether nothing, and an empty text or list, is refused as well. A number that is left out is 0. */
const isNeeded = ({ shape, required, limits: { minimum = 0 } }: FieldShape): boolean =>
  required && (shape._tag === "Text" || shape._tag === "List" || (shape._tag === "Integer" && minimum > 0))

const needed = (schema: JsonSchema, shape: Shape): JsonSchema => ({
  ...schema,
  type: (schema["type"] as ReadonlyArray<string>).filter((type) => type !== "null"),
  ...(shape._tag === "Text" ? { minLength: 1 } : shape._tag === "List" ? { minItems: 1 } : {})
})

/** The text of a scalar is kept as it is written, so that each is one; null is the empty text. */
const scalars = ["string", "number", "boolean", "null"]

/** What are booleans in YAML 1.1 are texts to editors. */
const booleanWord = "^(?:[yY]|[nN]|[yY]es|YES|[nN]o|NO|[oO]n|ON|[oO]ff|OFF)$"

/** Limits are those of a list's items, and of a mapping's values. */
const typeSchema = (shape: Shape, limits: Limits = {}): JsonSchema => {
  const { minimum, maximum, pattern, not, keys, maxItems } = limits
  const range = { ...(minimum === undefined ? {} : { minimum }), ...(maximum === undefined ? {} : { maximum }) }
  switch (shape._tag) {
    case "Text":
      return {
        type: scalars,
        ...range,
        ...(pattern === undefined ? {} : { pattern }),
        ...(not === undefined ? {} : { not: { type: "string", pattern: not } })
      }
    case "Boolean":
      return { type: ["boolean", "string", "null"], pattern: booleanWord }
    case "Integer":
      return { type: ["integer", "null"], ...range }
    case "List":
      return {
        type: ["array", "null"],
        items: typeSchema(shape.item, limits),
        ...(maxItems === undefined ? {} : { maxItems })
      }
    case "Map":
      return {
        type: ["object", "null"],
        ...(keys === undefined ? {} : { propertyNames: { pattern: keys } }),
        additionalProperties: typeSchema(shape.value, limits)
      }
    case "Record":
      // Draft 7 overlooks what stands beside a $ref.
      return { allOf: [reference(shape)] }
  }
}

/** `deprecationMessage`, `errorMessage` and `doNotSuggest` are words of editors, which others overlook. */
const fateSchema = (fate: Fate, { title }: RecordShape): JsonSchema => {
  switch (fate._tag) {
    case "Meaningless":
      return ignored(`No meaning on one VM (${fate.why}). It is ignored.`)
    case "Refused": {
      const description = `Refused: ${fate.why}. ${fate.advice}`
      const idle = (fate.idle ?? []).map((text) => (text === "true" ? true : text))
      const nothing = [null, "", [], ...(isIdleIfEmpty(title) ? [{}] : []), ...idle]
      return { description, enum: nothing, errorMessage: description, doNotSuggest: true }
    }
  }
}

const ignored = (description: string): JsonSchema => {
  return { description, deprecated: true, deprecationMessage: description, doNotSuggest: true }
}
