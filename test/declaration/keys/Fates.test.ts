import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import { Declaration } from "../../../src/declaration/DeclarationSchema.ts"
import { fates } from "../../../src/declaration/keys/KubernetesKeys.ts"
import { type RecordShape, type Shape, shapeOf } from "../../../src/declaration/keys/Shape.ts"
import type { Dialect } from "../../../src/workload/Dialect.ts"
import { type KubernetesField, kubernetesPod, type KubernetesType } from "./KubernetesSchema.ts"

/** What every Kubernetes object has, and what Kubernetes writes into it: read by nobody, said of to nobody. */
const customary = new Set(["apiVersion", "kind", "metadata", "status"])

/** Keys of ours that Kubernetes does not have, by the mapping's title. */
const ours: ReadonlyArray<string> = ["a container.logging"]

/** Keys of versions of Kubernetes that are later than the schema which it is held against here. */
const later: ReadonlyArray<string> = ["an emptyDir.mode", "a securityContext.cgroupOptions"]

/** A mapping of the schema beside the same of Kubernetes. */
interface Pair {
  readonly shape: RecordShape
  readonly type: KubernetesType
}

const itemOf = (shape: Shape): Shape => (shape._tag === "List" ? shape.item : shape)

const pairsOf = (pair: Pair): ReadonlyArray<Pair> => [
  pair,
  ...[...pair.shape.fields].flatMap(([key, field]) => {
    const shape = itemOf(field.shape)
    const type = pair.type.fields.get(key)?.type()
    return shape._tag === "Record" && type !== undefined ? pairsOf({ shape, type }) : []
  })
]

const root = shapeOf(Declaration)
assert(root._tag === "Record")
const pairs = pairsOf({ shape: root, type: kubernetesPod() })

/** What a shape can stand for. */
const isOf = (shape: Shape, { written, type }: KubernetesField): boolean => {
  switch (shape._tag) {
    case "Boolean":
      return written === "boolean"
    case "Integer":
      return written === "number"
    case "List":
      return written.startsWith("Array<")
    case "Map":
      return written.startsWith("{")
    case "Record":
      return type() !== undefined
    case "Text":
      return type() === undefined && !/^(?:boolean|number|Array<|\{)/.test(written)
  }
}

describe("Kubernetes' fields", () => {
  it("are read to the end: a Pod has some hundred", () => {
    const { fields } = kubernetesPod().fields.get("spec")!.type()!
    assert.isAbove(fields.size, 40)
    assert.strictEqual(fields.get("volumes")!.type()!.fields.get("nfs")!.type()!.name, "NFSVolumeSource")
    assert.isTrue(kubernetesPod().fields.get("metadata")!.type()!.fields.has("finalizers"))
  })

  it("each work, have no meaning on one VM, or are refused", () => {
    const without = pairs.flatMap(({ shape, type }) =>
      [...type.fields.keys()]
        .filter(
          (key) =>
            !shape.fields.has(key) && !fates.get(shape.title)?.has(key) && !(shape === root && customary.has(key))
        )
        .map((key) => `${shape.title}.${key}`)
    )
    assert.deepEqual(without, [])
  })

  it("have one fate alone, and one that no version of Kubernetes has has none", () => {
    const wrong = pairs.flatMap(({ shape, type }) =>
      [...(fates.get(shape.title)?.keys() ?? [])]
        .filter((key) => shape.fields.has(key) || !type.fields.has(key))
        .map((key) => `${shape.title}.${key}`)
    )
    assert.sameMembers([...new Set(wrong)], [...later])
    const titles = new Set(pairs.map(({ shape }) => shape.title))
    assert.deepEqual(
      [...fates.keys()].filter((title) => !titles.has(title)),
      []
    )
  })

  it("are those of the schema, and of the same types, but for our own", () => {
    const unknown = pairs.flatMap(({ shape, type }) =>
      [...shape.fields.keys()].filter((key) => !type.fields.has(key)).map((key) => `${shape.title}.${key}`)
    )
    assert.sameMembers([...new Set(unknown)], [...ours])
    const others = pairs.flatMap(({ shape, type }) =>
      [...shape.fields].flatMap(([key, field]) => {
        const same = type.fields.get(key)
        return same === undefined || isOf(field.shape, same) ? [] : `${shape.title}.${key}: ${same.written}`
      })
    )
    assert.deepEqual(others, [])
  })
})

describe("the values of a text", () => {
  const literals = (written: string): ReadonlyArray<string> | undefined =>
    /^(?:"[^"]*"(?: \| )?)+$/.test(written) ? [...written.matchAll(/"([^"]*)"/g)].map(([, text]) => text!) : undefined

  it("are named where Kubernetes names them, and are some of its own", () => {
    const wrong = pairs.flatMap(({ shape, type }) =>
      [...shape.fields].flatMap(([key, { values }]) => {
        const all = literals(type.fields.get(key)?.written ?? "")
        if (all === undefined) return []
        const isRight = values !== undefined && values.every((value) => value === "" || all.includes(value))
        return isRight ? [] : `${shape.title}.${key}: ${JSON.stringify(values)} of ${all.join(", ")}`
      })
    )
    assert.deepEqual([...new Set(wrong)], [])
  })
})

/** The text that puts a key into each mapping that has fates. */
const places: Readonly<Record<string, (key: string) => string>> = {
  '"metadata"': (key) => `{metadata: {${key}: {x: 1}}, spec: {containers: [{image: nginx}]}}`,
  "a resources": (key) => `spec: {containers: [{image: nginx, resources: {${key}: {x: 1}}}]}`,
  "a valueFrom": (key) => `spec: {containers: [{image: nginx, env: [{name: A, valueFrom: {${key}: {x: 1}}}]}]}`,
  '"spec"': (key) => `spec: {containers: [{image: nginx}], ${key}: {x: 1}}`,
  "a container": (key) => `spec: {containers: [{image: nginx, ${key}: {x: 1}}]}`,
  "a securityContext": (key) => `spec: {containers: [{image: nginx, securityContext: {${key}: {x: 1}}}]}`,
  "a Pod's securityContext": (key) => `spec: {securityContext: {${key}: {x: 1}}, containers: [{image: nginx}]}`,
  "a variable": (key) => `spec: {containers: [{image: nginx, env: [{name: A, ${key}: {x: 1}}]}]}`,
  "a mount": (key) => withVolume(`hostPath: {path: /v}`, `, ${key}: {x: 1}`),
  "a volume": (key) => withVolume(`${key}: {x: 1}`),
  "a hook": (key) => `spec: {containers: [{image: nginx, lifecycle: {preStop: {${key}: {x: 1}}}}]}`,
  "a projected source": (key) => withVolume(`projected: {sources: [{${key}: {x: 1}}]}`),
  "a hostPath": (key) => withVolume(`hostPath: {path: /v, ${key}: {x: 1}}`),
  "an emptyDir": (key) => withVolume(`emptyDir: {medium: Memory, ${key}: {x: 1}}`),
  "a gcePersistentDisk": (key) => withVolume(`gcePersistentDisk: {pdName: v, ${key}: {x: 1}}`)
}

const withVolume = (source: string, ofMount = "") =>
  `spec: {containers: [{image: nginx, volumeMounts: [{name: v, mountPath: /v${ofMount}}]}], volumes: [{name: v, ${source}}]}`

const found = (text: string, dialect: Dialect) => {
  const decoded = decodeDeclaration({ file: "d.yaml", text, dialect })
  return Result.match(decoded, {
    onSuccess: ({ warnings }) => [...warnings],
    onFailure: ({ problems, warnings }) => [...problems, ...warnings]
  })
}

describe("a field of Kubernetes", () => {
  const here = [...fates].flatMap(([title, keys]) => [...keys].map(([key, fate]) => ({ title, key, fate })))

  it("has a place in the tests, whichever mapping it belongs to", () => {
    assert.deepEqual(
      here.filter(({ title }) => places[title] === undefined),
      []
    )
  })

  it.each(here)("is judged by its fate, and nothing below it is looked at: $key in $title", ({ title, key, fate }) => {
    const text = places[title]!(key)
    // A volume that has no source that works has none: konlet refused it.
    const all = found(text, "slipway").filter(({ _tag }) => _tag !== "VolumeSourceInvalid")
    assert.lengthOf(all, 1, all.map(({ message }) => message).join("; "))
    const [finding] = all
    // Nor does a hook say what it does.
    const konlets = found(text, "konlet").filter(
      (warning) =>
        warning._tag !== "VolumeSourceInvalid" &&
        !(warning._tag === "Tolerated" && warning.problem === "HandlerCountInvalid")
    )
    assert.lengthOf(konlets, 1)
    assert.notInstanceOf(konlets[0], Error)
    assert.include(finding!.message, `"${key}" in ${title}`)
    switch (fate._tag) {
      case "Meaningless": {
        assert.deepInclude(finding, { _tag: "KeyMeaningless", key, owner: title, why: fate.why })
        assert.include(finding!.message, "no meaning on one VM")
        return
      }
      case "Refused": {
        assert.deepInclude(finding, { _tag: "KeyRefused", key, owner: title, advice: fate.advice })
        assert.deepInclude(konlets[0], { _tag: "KeyUnsupported", key, advice: fate.advice })
        return
      }
    }
  })

  it("that is refused leaves no second problem: what is to be written instead is not missing", () => {
    for (const { key } of here.filter(({ title }) => title === "a volume")) {
      const tags = found(places["a volume"]!(key), "slipway").map(({ _tag }) => _tag)
      assert.notInclude(tags, "VolumeSourceInvalid", key)
    }
  })

  it("that asks for nothing is not spoken of, whatever its fate", () => {
    const said = (text: string) => found(text, "slipway").map(({ _tag }) => _tag)
    const alternatives = new Set(["a volume", "a hook", "a valueFrom", "a projected source"])
    for (const { title, key, fate } of here) {
      const idle = ["null", '""', "[]", ...(alternatives.has(title) ? [] : ["{}"]), ...(fate.idle ?? [])]
      for (const value of idle) {
        const text = places[title]!(key).replace("{x: 1}", value)
        const tags = said(text).filter((tag) => tag.startsWith("Key"))
        assert.deepEqual(tags, [], text)
      }
      if (alternatives.has(title)) assert.isNotEmpty(said(places[title]!(key).replace("{x: 1}", "{}")), key)
    }
    const volume = withVolume("persistentVolumeClaim: null")
    assert.deepEqual(said(volume), ["VolumeSourceInvalid"])
    assert.deepEqual(said(withVolume("emptyDir: {}, persistentVolumeClaim: null")), [])
    assert.deepEqual(said(places['"spec"']!("hostUsers").replace("{x: 1}", "false")), ["KeyRefused"])
  })

  it("that is misspelt is answered with the one that was meant; only what is refused must be right", () => {
    const said = (text: string) =>
      found(text, "slipway").map((finding) => {
        return [finding._tag, "suggestion" in finding ? finding.suggestion : undefined]
      })
    for (const word of ["nodeSelectr", "node_selector", "NodeSelector"]) {
      assert.deepEqual(said(places['"spec"']!(word)), [["KeyUnknown", "nodeSelector"]], word)
    }
    for (const word of ["persistentVolumeClaims", "persistent_volume_claim"]) {
      assert.deepEqual(said(places["a volume"]!(word)), [["KeyMisspelt", "persistentVolumeClaim"]], word)
    }
  })

  it("that stands elsewhere is answered with the mapping that Kubernetes has it in", () => {
    const text = "spec: {containers: [{image: nginx, nodeSelector: {}, persistentVolumeClaim: {}}]}"
    const findings = found(text, "slipway")
    assert.deepInclude(
      findings.find(({ _tag }) => _tag === "KeyMisplaced"),
      { belongsTo: '"spec"' }
    )
    assert.deepInclude(
      findings.find(({ _tag }) => _tag === "KeyInWrongPlace"),
      { belongsTo: "a volume" }
    )
  })
})
