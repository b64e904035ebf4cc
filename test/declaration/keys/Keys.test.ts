import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../../src/declaration/Declaration.ts"
import { Declaration } from "../../../src/declaration/DeclarationSchema.ts"
import type { Dialect } from "../../../src/workload/Dialect.ts"
import { composeKeys, synonyms } from "../../../src/declaration/keys/ComposeKeys.ts"
import { complete } from "./Complete.ts"
import { recordsOf, shapeOf } from "../../../src/declaration/keys/Shape.ts"

const decode = (text: string, dialect?: Dialect) =>
  decodeDeclaration({ file: "d.yaml", text, ...(dialect === undefined ? {} : { dialect }) })

/** All that is said, by kind, line and key. */
const said = (text: string, dialect?: Dialect): ReadonlyArray<string> => {
  const decoded = decode(text, dialect)
  const found = Result.isSuccess(decoded)
    ? decoded.success.warnings
    : [...decoded.failure.problems, ...decoded.failure.warnings]
  return found.map((finding) => `${finding._tag} ${finding.line}${"key" in finding ? ` ${finding.key}` : ""}`)
}

/** Two letters swapped, one left out, one doubled, and the word in other spellings. */
const misspellings = (key: string): ReadonlyArray<string> => {
  const at = Math.floor(key.length / 2)
  const snake = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  return [
    `${key.slice(0, at - 1)}${key[at]!}${key[at - 1]!}${key.slice(at + 1)}`,
    `${key.slice(0, at)}${key.slice(at + 1)}`,
    `${key.slice(0, at)}${key[at]!}${key.slice(at)}`,
    `${key[0]!.toUpperCase()}${key.slice(1)}`,
    snake
  ].filter((word) => word !== key)
}

const keyOf = (line: string): string => /^ *(?:- )?(\w+):/.exec(line)?.[1] ?? ""

describe("a misspelt key", () => {
  const lines = complete.map((line, index) => [index, keyOf(line)] as const).filter(([, key]) => key !== "")

  it("every key there is has a line", () => {
    const all = recordsOf(shapeOf(Declaration)).flatMap(({ fields }) => [...fields.keys()])
    assert.deepEqual([...new Set(lines.map(([, key]) => key))].toSorted(), [...new Set(all)].toSorted())
    const tags = said(complete.join("\n")).map((text) => text.split(" ", 1).join())
    assert.deepEqual(tags, ["CpuRequestOutweighed"])
  })

  for (const [index, key] of lines) {
    it(`is refused at its place with the key that was meant, and is one problem: ${key}, line ${index + 1}`, () => {
      for (const word of misspellings(key)) {
        const text = complete.with(index, complete[index]!.replace(`${key}:`, `${word}:`)).join("\n")
        const { problems } = Result.getOrThrow(Result.flip(decode(text)))
        assert.lengthOf(problems, 1, `${word}: ${problems.map(({ message }) => message).join("; ")}`)
        const [problem] = problems
        assert.deepInclude(problem, { _tag: "KeyMisspelt", key: word, suggestion: key, line: index + 1 })
        // konlet went on, if it could, without what the key declares.
        const konlet = decode(text, "konlet")
        const { warnings } = Result.isSuccess(konlet) ? konlet.success : konlet.failure
        const warning = warnings.find(({ line, _tag }) => line === index + 1 && _tag === "KeyUnknown")
        assert.deepInclude(warning, { key: word, suggestion: key })
      }
    })
  }
})

describe("a key in the wrong place", () => {
  const container = (...more: ReadonlyArray<string>) =>
    ["spec:", "  containers:", "  - image: nginx", ...more].join("\n")

  it("is refused with the place that it belongs to, however it is spelt", () => {
    const cases: ReadonlyArray<readonly [key: string, meant: string, belongsTo: string]> = [
      ["hostNetwork", "hostNetwork", '"spec"'],
      ["host_network", "hostNetwork", '"spec"'],
      ["hostNetwrk", "hostNetwork", '"spec"'],
      ["initContainers", "initContainers", '"spec"'],
      ["volumes", "volumes", '"spec"'],
      ["volume", "volumes", '"spec"'],
      ["privileged", "privileged", "a securityContext"],
      ["mount_path", "mountPath", "a mount"]
    ]
    for (const [key, meant, belongsTo] of cases) {
      const text = container(`    ${key}: x`)
      const { problems } = Result.getOrThrow(Result.flip(decode(text)))
      assert.lengthOf(problems, 1, key)
      assert.deepInclude(problems[0], { _tag: "KeyInWrongPlace", key, meant, belongsTo, line: 4 })
      assert.deepEqual(said(text, "konlet"), [`KeyMisplaced 4 ${key}`])
    }
  })

  it("is no second problem where another says so", () => {
    const volumes = container(
      "    volumeMounts: [{name: v, mountPath: /v}]",
      "    volumes: [{name: v, hostPath: {path: /v}}]"
    )
    assert.deepEqual(said(volumes), ["VolumeBindingMissing 4", "KeyMisplaced 5 volumes"])
    assert.deepEqual(said("containers: [{image: nginx}]"), ["ContainerCountInvalid 1", "KeyMisplaced 1 containers"])
  })
})

describe("keys of Compose", () => {
  const container = recordsOf(shapeOf(Declaration)).find(({ title }) => title === "a container")!

  it("are warned of, each with its own advice, however they are spelt", () => {
    for (const [key, advice] of composeKeys) {
      for (const word of [
        key,
        key.replaceAll("_", "-"),
        key.replaceAll(/_[a-z]/g, ([, letter]) => letter!.toUpperCase())
      ]) {
        for (const dialect of ["slipway", "konlet"] as const) {
          const { warnings } = Result.getOrThrow(decode(`spec: {containers: [{image: nginx, ${word}: {}}]}`, dialect))
          assert.deepEqual(
            warnings.map((warning) => [warning._tag, warning.advice]),
            [["KeyUnsupported", advice]],
            word
          )
        }
      }
    }
  })

  it("are none of a container's, and their synonyms are keys that there are", () => {
    for (const key of composeKeys.keys()) assert.isFalse(container.fields.has(key), key)
    const ours = new Set(recordsOf(shapeOf(Declaration)).flatMap(({ fields }) => [...fields.keys()]))
    for (const key of synonyms.values()) assert.isTrue(ours.has(key), key)
  })
})

it("an unknown key is warned of in either dialect", () => {
  for (const dialect of ["slipway", "konlet"] as const) {
    assert.deepEqual(said("spec: {containers: [{image: nginx, frobnicate: 1}]}", dialect), ["KeyUnknown 1 frobnicate"])
  }
})
