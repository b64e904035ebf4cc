import { assert, describe, it } from "@effect/vitest"
import { parseAllDocuments } from "yaml"
import { writeYaml } from "../../src/convert/writeYaml.ts"
import { anyText } from "./AnyText.ts"

const read = (text: string, version: "1.1" | "1.2"): ReadonlyArray<unknown> =>
  parseAllDocuments(text, { version }).map((document) => {
    assert.deepEqual(document.errors, [])
    return document.toJS() as unknown
  })

describe("YAML that is written", () => {
  it.prop("is read as what it was, by either version", [anyText, anyText], ([key, value]) => {
    const tree = { plain: value, list: [value, { [`k${key}`]: value }], [key]: "x" }
    for (const version of ["1.1", "1.2"] as const)
      assert.deepEqual(read(writeYaml(tree, [value]), version), [tree, [value]])
  })

  it("is plain where nobody could take it for something else, and quoted where one could", () => {
    const texts = [
      "nginx:1.27",
      "/data",
      "500m",
      "1Gi",
      "yes",
      "y",
      "0o17",
      "1_000",
      "12:30",
      "2026-01-02",
      "",
      "~",
      "a: b"
    ]
    assert.strictEqual(
      writeYaml(texts),
      '- nginx:1.27\n- /data\n- 500m\n- 1Gi\n- "yes"\n- "y"\n- "0o17"\n- "1_000"\n- "12:30"\n- "2026-01-02"\n- ""\n- "~"\n- "a: b"\n'
    )
    assert.strictEqual(writeYaml({ script: "set -e\nrun it\n" }), "script: |\n  set -e\n  run it\n")
  })
})
