import { assert, describe, it } from "@effect/vitest"
import { Ajv, type ErrorObject } from "ajv"
import * as Result from "effect/Result"
import { parseAllDocuments } from "yaml"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import { Declaration } from "../../src/declaration/DeclarationSchema.ts"
import { declarationJsonSchema } from "../../src/declaration/jsonSchema.ts"
import { fates } from "../../src/declaration/keys/KubernetesKeys.ts"
import { type RecordShape, recordsOf, type Shape, shapeOf } from "../../src/declaration/keys/Shape.ts"
import { ConfigMapSchema, SecretSchema } from "../../src/declaration/schema/ConfigSchema.ts"
import { fixtures } from "./Fixtures.ts"

const roots = [Declaration, ConfigMapSchema, SecretSchema].map(shapeOf)
const schema = declarationJsonSchema()
const ajv = new Ajv({ allErrors: true, allowUnionTypes: true })
for (const word of ["deprecationMessage", "errorMessage", "doNotSuggest"]) ajv.addKeyword(word)
const validate = ajv.compile(schema)

/** Which branch of a condition was wrong is said in errors of its own. */
const errorsOf = (value: unknown): ReadonlyArray<ErrorObject> =>
  validate(value) ? [] : (validate.errors ?? []).filter(({ keyword }) => keyword !== "if")

/** A text's documents as an editor reads them; undefined where they are none of YAML 1.2. */
const asEditors = (text: string): ReadonlyArray<unknown> | undefined => {
  const documents = parseAllDocuments(text, { merge: true, uniqueKeys: false, logLevel: "silent" })
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return undefined
  return documents.map((document) => document.toJS() as unknown)
}

/** Keys that are ignored with a warning, but are none of ours. */
const ignored = new Set(["KeyUnknown", "KeyMisplaced", "KeyUnsupported"])
/** What a schema can see. */
const visible = new Set(["KeyMisspelt", "KeyInWrongPlace", "KeyRefused", "ValueTypeInvalid"])

const readable = fixtures.flatMap(({ file, text }) => {
  const documents = asEditors(text)
  return documents === undefined ? [] : [{ file, documents, decoded: decodeDeclaration({ file, text }) }]
})

describe("the JSON Schema", () => {
  it("is one of draft 7, and finds its own mappings", () => {
    assert.isTrue(ajv.validateSchema(schema))
    assert.isAbove(readable.length, 60)
  })

  const accepted = readable.flatMap(({ decoded, ...rest }) =>
    Result.isSuccess(decoded) ? [{ ...rest, warnings: decoded.success.warnings }] : []
  )
  it.each(accepted)("lets pass what can be used, but for keys that are ignored: $file", ({ documents, warnings }) => {
    const unknown = documents
      .flatMap(errorsOf)
      .map(({ keyword, params, instancePath }) =>
        keyword === "additionalProperties" ? String(params["additionalProperty"]) : `${keyword} at ${instancePath}`
      )
    const warned = warnings.flatMap((warning) =>
      ignored.has(warning._tag) && "key" in warning && !isFated(warning) ? warning.key : []
    )
    assert.deepEqual([...new Set(unknown)].toSorted(), [...new Set(warned)].toSorted())
  })

  const refused = readable.flatMap(({ decoded, ...rest }) =>
    Result.isFailure(decoded) && decoded.failure.problems.some(({ _tag }) => visible.has(_tag)) ? [rest] : []
  )
  it.each(refused)("refuses what is refused for its keys or types: $file", ({ documents }) => {
    assert.isNotEmpty(documents.flatMap(errorsOf))
  })

  it("tells a mapping of one title from others: those that share it have the same keys", () => {
    const byTitle = new Map<string, RecordShape>()
    for (const record of roots.flatMap(recordsOf)) {
      assert.deepEqual(byTitle.get(record.title) ?? record, record)
      byTitle.set(record.title, record)
    }
    assert.lengthOf(Object.keys(schema["definitions"] as object), byTitle.size)
  })
})

/** Fields of Kubernetes that do not work yet are known. */
const isFated = (warning: { readonly key: string } & object): boolean =>
  "owner" in warning && fates.get(String(warning.owner))?.has(warning.key) === true

/** A value that a shape takes. */
const sample = (shape: Shape): unknown => {
  switch (shape._tag) {
    case "Text":
      return "a"
    case "Boolean":
      return true
    case "Integer":
      return 1
    case "List":
      return [sample(shape.item)]
    case "Map":
      return { a: sample(shape.value) }
    case "Record":
      return record(shape)
  }
}

const alternatives = ({ fields }: RecordShape) => [...fields].filter(([, { alternative }]) => alternative)

/** Where a mapping must have one of several keys, one that it has not got yet. */
const oneAlternative = (shape: RecordShape, more: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const all = alternatives(shape)
  if (all.some(([key]) => (more[key] ?? null) !== null)) return {}
  const free = all.find(([key]) => !(key in more))
  return free === undefined ? {} : { [free[0]]: sample(free[1].shape) }
}

/** Only with what is needed. */
const record = (shape: RecordShape, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  ...Object.fromEntries(
    [...shape.fields].flatMap(([key, field]) =>
      field.required ? [[key, field.values?.[0] ?? sample(field.shape)] as const] : []
    )
  ),
  ...oneAlternative(shape, more),
  ...more
})

const right = { Text: ["", 7, 1.5, true, null], Boolean: [false, "yes", "OFF", null], Integer: [0, null] }
const wrong = {
  Text: [[], {}],
  Boolean: ["true", "maybe", 1, [], {}],
  Integer: ["1", 1.5, true, [], {}],
  List: ["a", 1, {}],
  Map: ["a", 1, []],
  Record: ["a", 1, []]
}

interface Case {
  readonly path: string
  readonly value: unknown
  readonly isRight: boolean
  /** It is of a type that the key does not take. */
  readonly isOfWrongType?: boolean
}

/** Each key of each mapping with values of right and of wrong types, in a declaration that has nothing else wrong. */
const cases = (shape: RecordShape, wrap: (value: unknown) => unknown, path: string): ReadonlyArray<Case> => [
  { path: `${path}frobnicate`, value: wrap(record(shape, { frobnicate: 1 })), isRight: false },
  ...[...shape.fields].flatMap(([key, field]) => {
    const inner = field.shape
    const at = (value: unknown) => wrap(record(shape, { [key]: value }))
    const good: ReadonlyArray<unknown> =
      field.values !== undefined
        ? [...field.values, null]
        : [sample(inner), null, ...(inner._tag in right ? right[inner._tag as keyof typeof right] : [])]
    const [item, wrapItem] = inner._tag === "List" ? [inner.item, (value: unknown) => at([value])] : [inner, at]
    return [
      ...good.map((value) => ({ path: `${path}${key}`, value: at(value), isRight: true })),
      ...(field.values === undefined ? [] : [{ path: `${path}${key}`, value: at("frobnicate"), isRight: false }]),
      ...wrong[inner._tag].map((value) => {
        return { path: `${path}${key}`, value: at(value), isRight: false, isOfWrongType: true }
      }),
      ...(item._tag === "Record" ? cases(item, wrapItem, `${path}${key}.`) : [])
    ]
  }),
  ...[...(fates.get(shape.title) ?? [])].map(([key, { _tag }]) => ({
    path: `${path}${key}`,
    value: wrap(record(shape, { [key]: { anything: [1] } })),
    isRight: _tag !== "Refused"
  })),
  ...[...(fates.get(shape.title) ?? [])].flatMap(([key, { idle = [] }]) =>
    [null, "", [], ...idle.map((text) => (/^(?:true|false|\d+)$/.test(text) ? JSON.parse(text) : text))].map(
      (value) => ({
        path: `${path}${key}`,
        value: wrap(record(shape, { [key]: value })),
        isRight: true
      })
    )
  )
]

describe("keys of which one is written", () => {
  const titled = new Map(roots.flatMap(recordsOf).map((shape) => [shape.title, shape]))
  const definitionOf = (title: string) => title.replaceAll(/^(?:an? |the )|["']/g, "").replaceAll(" ", "-")

  it("are not left out, and not written together", () => {
    const found = [...titled.values()].filter((shape) => alternatives(shape).length > 0)
    assert.sameMembers(
      found.map(({ title }) => title),
      ["a volume", "a probe", "a hook", "a valueFrom"]
    )
    for (const shape of found) {
      const judge = ajv.compile({
        definitions: schema["definitions"],
        $ref: `#/definitions/${definitionOf(shape.title)}`
      })
      const all = alternatives(shape).map(([key, field]) => [key, sample(field.shape)] as const)
      const needed = shape.title === "a volume" ? { name: "a" } : {}
      for (const [key, value] of all) assert.isTrue(judge({ ...needed, [key]: value }), `${shape.title} ${key}`)
      assert.isFalse(judge(needed), shape.title)
      assert.isFalse(judge({ ...needed, ...Object.fromEntries(all.slice(0, 2)) }), shape.title)
    }
  })

  it("are those that the reader wants one of", () => {
    for (const file of ["refused-no-source.yaml", "refused-two-sources.yaml", "probe-mistakes.yaml"]) {
      const { documents = [] } = readable.find((fixture) => fixture.file === file) ?? {}
      assert.isNotEmpty(documents.flatMap(errorsOf), file)
    }
    assert.isNotEmpty(errorsOf({ spec: { containers: [] } }))
  })
})

describe("a document beside the Pod", () => {
  const isRight = (text: string) => (asEditors(text) ?? []).flatMap(errorsOf).length === 0

  it("is judged by its kind, unless it has containers", () => {
    assert.isTrue(isRight("kind: ConfigMap\nmetadata: {name: c}\ndata: {a: 1}"))
    assert.isFalse(isRight("kind: ConfigMap\nmetadata: {name: c}\nstringData: {a: 1}"))
    assert.isTrue(isRight("kind: Secret\nmetadata: {name: c}\nstringData: {a: b}"))
    assert.isFalse(isRight("kind: Secret\nmetadata: {name: c}\ndata: [a]"))
    assert.isTrue(isRight("kind: Service\nspec: {ports: [80]}"))
    assert.isFalse(isRight("kind: Deployment\nspec: {template: {spec: {containers: [{image: a}]}}}"))
    assert.isTrue(isRight("kind: Deployment\nspec: {containers: [{image: a}]}"))
    assert.isFalse(isRight("kind: Pod\nspec: {ports: [80]}"))
    assert.isFalse(isRight("spec: {ports: [80]}"))
  })

  it("may be an item of a List", () => {
    assert.isTrue(
      isRight("kind: List\nitems: [{kind: ConfigMap, metadata: {name: c}}, {spec: {containers: [{image: a}]}}]")
    )
    assert.isFalse(isRight("kind: List\nitems: [{spec: {containers: [{imag: a}]}}]"))
  })
})

describe("every key", () => {
  const ofConfig = [ConfigMapSchema, SecretSchema].flatMap((schema) => {
    const root = shapeOf(schema) as RecordShape
    const kind = root.title.replace("a ", "")
    return cases(root, (value) => ({ kind, ...(value as object) }), `${kind}.`)
  })
  const ofPod = cases(shapeOf(Declaration) as RecordShape, (value) => value, "")
  const all = [...ofPod, ...ofConfig]

  it("takes the values that it may have, and no others", () => {
    assert.isAbove(all.length, 300)
    for (const { path, value, isRight } of all) {
      assert.strictEqual(errorsOf(value).length === 0, isRight, `${path}: ${JSON.stringify(value)}`)
    }
  })

  it("is judged as the reader judges it: a wrong type is a problem there too", () => {
    for (const { path, value, isRight, isOfWrongType = false } of ofPod) {
      const text = JSON.stringify(value)
      const decoded = decodeDeclaration({ file: "d.json", text })
      const found = Result.match(decoded, {
        onSuccess: ({ warnings }) => [...warnings],
        onFailure: ({ problems, warnings }) => [...problems, ...warnings]
      })
      const isWrong = found.some(({ _tag }) => _tag === "ValueTypeInvalid")
      // JSON has no words for booleans but its own.
      if (isRight && (text.includes('"yes"') || text.includes('"OFF"'))) continue
      assert.strictEqual(isWrong, isOfWrongType, `${path}: ${text}`)
    }
  })

  it("is described where an editor shows it", () => {
    const described = JSON.stringify(schema)
    for (const { fields } of roots.flatMap(recordsOf)) {
      for (const { description } of fields.values()) assert.include(described, JSON.stringify(description))
    }
  })
})
