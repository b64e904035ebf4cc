import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import { behavioursOf } from "../../src/simulation/network/behavioursOf.ts"
import type { Behaviour } from "../../src/simulation/VmDescription.ts"
import { expand } from "../../src/workload/expand.ts"

const ends: Behaviour = { _tag: "Exits", afterMillis: 1, exitCode: 0 }
const fails: Behaviour = { _tag: "Exits", afterMillis: 1, exitCode: 1 }

/** Words with references to A and B, and to nothing else. */
const words = Arbitrary.map(
  Arbitrary.array(Arbitrary.schema(Schema.Literals(["$(A)", "$(B)", "$$", "a", " ", ")"])), { maxLength: 6 }),
  (pieces) => `${pieces.join("")}$(A)`
)

describe("behavioursOf", () => {
  it.prop(
    "finds a template by whatever its variables become",
    [words, Schema.String, Schema.String],
    ([words, a, b]) => {
      const values = new Map([
        ["A", a],
        ["B", b]
      ])
      assert.strictEqual(behavioursOf({ [words]: ends })(expand(words, (name) => values.get(name))), ends)
    }
  )

  it("tells apart what differs beside the variables", () => {
    const find = behavioursOf({ "move $(A) to $(B)": ends })
    assert.strictEqual(find("move x to y"), ends)
    assert.strictEqual(find("move  to "), ends)
    assert.isUndefined(find("move x"))
    assert.isUndefined(find("moves x to y"))
    assert.isUndefined(behavioursOf({ "a$(A)a": ends })("a"))
  })

  it("takes the very words before a template", () => {
    const find = behavioursOf({ "echo $(A)": ends, "echo no": fails })
    assert.strictEqual(find("echo no"), fails)
    assert.strictEqual(find("echo yes"), ends)
  })
})
