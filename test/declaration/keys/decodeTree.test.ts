import { assert, describe, it } from "@effect/vitest"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { decodeTree, type DecodedTree } from "../../../src/declaration/keys/decodeTree.ts"
import { parseYaml } from "../../../src/declaration/yaml/parseYaml.ts"

const Labelled = Schema.Struct({
  labels: Schema.Record(Schema.String, Schema.String)
}).annotate({ title: "something labelled" })

const read = (text: string) => {
  const problems: Array<string> = []
  const duplicates: Array<string> = []
  const parsed = Result.getOrThrow(parseYaml(text))
  const decoded: DecodedTree<typeof Labelled.Type> = Result.getOrThrow(
    decodeTree(Labelled, parsed.root, {
      report: {
        problem: (span) => problems.push(text.slice(span.start, span.end)),
        slip: (span) => problems.push(text.slice(span.start, span.end))
      },
      keys: () => ({
        unknown: () => ({ shown: false }),
        duplicate: (_, name) => duplicates.push(name)
      }),
      values: "go"
    })
  )
  return { ...decoded, problems, duplicates }
}

describe("a mapping of any keys", () => {
  it("has what was written, as texts, and where", () => {
    const { value, places, problems } = read("labels: {app: web, version: 1.10, __proto__: x, nothing: }")
    assert.deepEqual(Object.entries(value.labels), [
      ["app", "web"],
      ["version", "1.10"],
      ["__proto__", "x"],
      ["nothing", ""]
    ])
    assert.strictEqual(places.of(value.labels, "version").path, "labels.version")
    assert.deepEqual(problems, [])
  })

  it("takes merges and the last of duplicates", () => {
    const { value, duplicates } = read("labels:\n  <<: {a: 1, b: 2}\n  b: 3\n  c: 4\n  c: 5\n")
    assert.deepEqual({ ...value.labels }, { a: "1", b: "3", c: "5" })
    assert.deepEqual(duplicates, ["c"])
  })

  it("is empty where nothing is written, or null", () => {
    assert.deepEqual({ ...read("other: 1").value.labels }, {})
    assert.deepEqual({ ...read("labels:").value.labels }, {})
  })

  it("refuses what is no mapping, and values that are no texts", () => {
    assert.deepEqual(read("labels: [a]").problems, ["[a]"])
    const { problems, places, value } = read("labels: {a: {b: c}, d: e}")
    assert.deepEqual(problems, ["{b: c}"])
    assert.isTrue(places.of(value.labels, "a").invalid)
    assert.isFalse(places.of(value.labels, "d").invalid)
  })
})
