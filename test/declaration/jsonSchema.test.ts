import { assert, describe, it } from "@effect/vitest"
import { Ajv, type ErrorObject } from "ajv"
import * as Result from "effect/Result"
import { parseAllDocuments } from "yaml"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import { Declaration } from "../../src/declaration/DeclarationSchema.ts"
import { declarationJsonSchema } from "../../src/declaration/jsonSchema.ts"
import { fates } from "../../src/declaration/keys/KubernetesKeys.ts"
import { type FieldShape, type RecordShape, recordsOf, type Shape, shapeOf } from "../../src/declaration/keys/Shape.ts"
import { ConfigMapSchema, SecretSchema } from "../../src/declaration/schema/ConfigSchema.ts"
import * as limits from "../../src/declaration/schema/limits.ts"
import { fixtures } from "./Fixtures.ts"
import { complete } from "./keys/Complete.ts"

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

/** What is refused, and what no JSON Schema can say of it. */
const relations: Readonly<Record<string, string>> = {
  "disk-as-host-path.yaml": "whether a container that mounts it is privileged",
  "refused-disk-twice.yaml": "whether another volume names the disk",
  "refused-empty.yaml": "whether there is a document at all",
  "refused-mount-without-volume.yaml": "whether a volume has the name",
  "refused-shared-processes.yaml": "whether two keys are true at once",
  "second-pod.yaml": "whether another document is a Pod"
}

/** Keys that are ignored with a warning, but are none of ours. */
const ignored = new Set(["KeyUnknown", "KeyMisplaced", "KeyUnsupported"])
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

  const refused = readable.flatMap(({ decoded, ...rest }) => (Result.isFailure(decoded) ? [rest] : []))
  it.each(refused)("refuses what is refused, but for relations: $file", ({ file, documents }) => {
    assert.strictEqual(documents.flatMap(errorsOf).length === 0, file in relations, relations[file])
  })

  it("knows of no relation of a fixture that is not refused", () => {
    assert.includeMembers(
      refused.map(({ file }) => file),
      Object.keys(relations)
    )
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

/** Values within limits that the letter "a" is not in. */
const within = new Map<limits.Limits, unknown>([
  [limits.mountPath, "/a"],
  [limits.hostPath, "/a"],
  [limits.workingDirectory, "/a"],
  [limits.optionalFile, "/a"],
  [limits.quantity, "1Gi"],
  [limits.amounts, { cpu: "500m" }],
  [limits.fieldOfVariable, "metadata.name"],
  [limits.fieldOfFile, "metadata.name"]
])

/** A value that a field takes. */
const sampleOf = ({ shape, values, limits }: FieldShape): unknown =>
  values?.find((value) => value !== "") ?? within.get(limits) ?? sample(shape)

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
  return free === undefined ? {} : { [free[0]]: sampleOf(free[1]) }
}

/** Only with what is needed. */
const record = (shape: RecordShape, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  ...Object.fromEntries(
    [...shape.fields].flatMap(([key, field]) => (field.required ? [[key, sampleOf(field)] as const] : []))
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
    const isFree = !field.required && Object.keys(field.limits).length === 0
    const good: ReadonlyArray<unknown> =
      field.values !== undefined
        ? [...field.values, ...(field.required ? [] : [null])]
        : isFree
          ? [sample(inner), null, ...(inner._tag in right ? right[inner._tag as keyof typeof right] : [])]
          : [sampleOf(field)]
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
      ["a volume", "a projected source", "a downwardAPI item", "a probe", "a hook", "a valueFrom", "an envFrom"]
    )
    for (const shape of found) {
      const judge = ajv.compile({
        definitions: schema["definitions"],
        $ref: `#/definitions/${definitionOf(shape.title)}`
      })
      const all = alternatives(shape).map(([key, field]) => [key, sampleOf(field)] as const)
      const needed = { "a volume": { name: "a" }, "a downwardAPI item": { path: "a" } }[shape.title] ?? {}
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

  it("is of no kind in other letters, unless it has containers", () => {
    for (const kind of ["configmap", "Configmap", "secrets", "deployment", "list", "pods"]) {
      assert.isFalse(isRight(`kind: ${kind}\nmetadata: {name: c}`), kind)
    }
    assert.isTrue(isRight("kind: pod\nspec: {containers: [{image: a}]}"))
    assert.isFalse(isRight("kind: List\nitem: []"))
  })

  it("may have modes as they are written, in octal", () => {
    const withMode = (mode: string) =>
      isRight(`spec: {containers: [{image: a}], volumes: [{name: v, secret: {secretName: s, defaultMode: ${mode}}}]}`)
    for (const mode of ["0777", "0400", "420", "0o777"]) assert.isTrue(withMode(mode), mode)
    for (const mode of ["01777", "-1", "'0644'"]) assert.isFalse(withMode(mode), mode)
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

/** As editors read it, whose octal numbers are those of YAML 1.2. */
const whole = parseAllDocuments(complete.join("\n"), { version: "1.1" })
assert(Array.isArray(whole))
const documentsOfAll = whole.map((document) => document.toJS() as unknown)

type Path = ReadonlyArray<string>

/** Where the fields of a value stand, each by its mapping's title and its key. */
const placesOf = (shape: Shape, value: unknown, path: Path): ReadonlyArray<readonly [string, FieldShape, Path]> => {
  if (shape._tag === "List") {
    return (value as ReadonlyArray<unknown>).flatMap((item, index) =>
      placesOf(shape.item, item, [...path, String(index)])
    )
  }
  if (shape._tag !== "Record") return []
  return Object.entries(value as object).flatMap(([key, inner]) => {
    const field = shape.fields.get(key)
    const here = [...path, key]
    if (field === undefined) return []
    return [[`${shape.title}.${key}`, field, here] as const, ...placesOf(field.shape, inner, here)]
  })
}

/** The first place of each field. */
const firstPlaces = (): ReadonlyArray<readonly [FieldShape, Path]> => {
  const all = roots.flatMap((shape, index) => placesOf(shape, documentsOfAll[index], [String(index)]))
  return [...new Map(all.toReversed().map(([id, field, path]) => [id, [field, path] as const])).values()]
}

const withValue = (value: unknown, [key, ...rest]: Path, put: unknown): unknown => {
  if (key === undefined) return put
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === key ? withValue(item, rest, put) : item))
  const mapping = value as Readonly<Record<string, unknown>>
  return { ...mapping, [key]: withValue(mapping[key], rest, put) }
}

const words =
  "a|A B|a=b|a:b|a\nb|/|/..|/a/../b|../a|..a|/proc/x|/proc/cpuinfo/|/proc/../x|<X>|$X|-1|-0|1Gi|1.5.2|metadata.name"
    .split("|")
    .concat("${X}")
const numbers = [-1, 0, 1, 777, 778, 65535, 65536, 2 ** 31, 1.5]

/** Of what the schema lets pass, that which the reader is most likely to refuse. */
const telling = new Set<unknown>([null, "", "A B", -1, 777, 65536, 1.5])

/** What may be put in place of a field's value. */
const probes = ({ shape, limits, values }: FieldShape): ReadonlyArray<unknown> => {
  const isLimited = Object.keys(limits).length > 0
  switch (shape._tag) {
    case "Text":
      return [null, "", ...(isLimited ? [...words, ...numbers] : values === undefined ? [] : ["a"])]
    case "Integer":
      return [null, ...(isLimited ? numbers : [-1])]
    case "List":
      return [null, [], ...(isLimited ? [...words, ...numbers].map((value) => [value]) : [])]
    case "Map":
      return [null, {}, ...(isLimited ? words.flatMap((word) => [{ [word]: "1" }, { cpu: word }]) : [])]
    default:
      return [null, {}]
  }
}

/**
 * Refused for more than what stands at the place, or by what no JSON Schema says of it: lengths, grammars, other
 * places.
 */
const unsaid: Readonly<Record<string, string>> = {
  ConfigKeyMissing: "another document",
  ContainerNameInvalid: "one of several is named more strictly",
  ContainerNameMissing: "one alone may go without",
  DnsConfigInvalid: "the policy",
  FileModeInvalid: "editors read 0777 as 777",
  FieldPathInvalid: "numbers are texts",
  FileFieldInvalid: "numbers are texts",
  HandlerPortInvalid: "the names of ports",
  HostNameInvalid: "numbers are texts",
  HostPathNotAbsolute: "numbers are texts",
  ImageReferenceInvalid: "numbers are texts",
  IpAddressInvalid: "its grammar",
  MountPathNotAbsolute: "numbers are texts",
  ObjectNameInvalid: "numbers are texts",
  ResourceFieldInvalid: "the names of containers",
  SleepInvalid: "the grace period",
  StrictGroupsNeedGroup: "the key beside it",
  SubPathVariableUnknown: "the names of variables",
  TerminationMessagePathInvalid: "numbers are texts",
  VolumeBindingMissing: "the names of volumes",
  WorkingDirectoryNotAbsolute: "numbers are texts"
}

describe("whatever stands in place of a value", () => {
  const places = firstPlaces()

  it("is refused by the schema only if the reader refuses it, and by the reader alone only for what a schema cannot say", () => {
    assert.isAbove(places.length, 120)
    assert.isEmpty(documentsOfAll.flatMap(errorsOf))
    const found = new Map<string, string>()
    for (const [field, path] of places) {
      for (const probe of probes(field)) {
        const documents = withValue(documentsOfAll, path, probe) as ReadonlyArray<unknown>
        const isRight = errorsOf(documents[Number(path[0])]).length === 0
        // Reading the whole of it takes time.
        if (isRight && !(telling.has(probe) && Object.keys(field.limits).length > 0)) continue
        const text = documents.map((document) => JSON.stringify(document)).join("\n---\n")
        const decoded = decodeDeclaration({ file: "d.json", text })
        const at = `${path.join(".")} = ${JSON.stringify(probe)}`
        if (Result.isSuccess(decoded)) assert.isTrue(isRight, at)
        else if (isRight) for (const { _tag } of decoded.failure.problems) found.set(_tag, at)
      }
    }
    assert.deepEqual(
      [...found].filter(([tag]) => !(tag in unsaid)),
      []
    )
    assert.sameMembers([...found.keys()], Object.keys(unsaid))
  })
})
