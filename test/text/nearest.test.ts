import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { nearest } from "../../src/text/nearest.ts"

describe("nearest", () => {
  const keys = ["name", "image", "command", "args", "env", "volumeMounts", "securityContext", "stdin", "tty"]

  it("finds slips of the finger and of case", () => {
    const found = ["imgae", "Image", "volumemounts", "volumeMount", "comand", "arg", "evn", "ttty"].map((word) =>
      nearest(word, keys)
    )
    assert.deepEqual(found, ["image", "image", "volumeMounts", "volumeMounts", "command", "args", "env", "tty"])
  })

  it("finds nothing in words of their own", () => {
    assert.deepEqual(
      ["ports", "x", "", "resources", "environment"].map((word) => nearest(word, keys)),
      [undefined, undefined, undefined, undefined, undefined]
    )
  })

  it("does not compare what is too long", () => {
    const long = "n".repeat(65)
    assert.isUndefined(nearest(long, [long]))
  })

  it.prop("a word is nearest to itself", [Schema.String], ([word]) => {
    if (word.length <= 64) assert.strictEqual(nearest(word, ["something else", word]), word)
  })
})
