import { assert, describe, it } from "@effect/vitest"
import * as Redacted from "effect/Redacted"
import { revealedJson } from "../../src/workload/revealedJson.ts"

describe("revealed JSON", () => {
  it("has what is redacted as plain text, wherever it is", () => {
    const value = { a: Redacted.make(["x", "y"]), b: [{ c: Redacted.make("z") }], d: undefined, e: 1 }
    assert.strictEqual(revealedJson(value), '{"a":["x","y"],"b":[{"c":"z"}],"e":1}')
    assert.strictEqual(revealedJson(Redacted.make("x")), '"x"')
  })
})
