import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { expand, hasReference } from "../../src/workload/expand.ts"

const variables: ReadonlyMap<string, string> = new Map([
  ["A", "one"],
  ["B", "two"],
  ["EMPTY", ""],
  ["REFERS", "$(A) and $$"],
  ["with.dots-9", "dotted"]
])
const expanded = (text: string) => expand(text, (name) => variables.get(name))

/** Texts in which what matters is frequent. */
const texts = Schema.Array(
  Schema.Literals(["$", "$$", "(", ")", "$(", "A", "$(A)", "$(B)", "$(NOBODY)", "$(EMPTY)", "$(REFERS)", "x", "é", " "])
)

describe("references to variables", () => {
  const cases: ReadonlyArray<readonly [text: string, becomes: string]> = [
    ["$(A)", "one"],
    ["<$(A)|$(B)>", "<one|two>"],
    ["$(A)$(A)", "oneone"],
    ["$(with.dots-9)", "dotted"],
    ["[$(EMPTY)]", "[]"],
    // What a value brings is not expanded.
    ["$(REFERS)", "$(A) and $$"],
    ["$(NOBODY) $( A) $(a) $()", "$(NOBODY) $( A) $(a) $()"],
    ["$$(A)", "$(A)"],
    ["$$$(A)", "$one"],
    ["$$$$(A)", "$$(A)"],
    ["kill $$; echo ${A} $A $?", "kill $; echo ${A} $A $?"],
    ["$(A", "$(A"],
    ["$($(A)", "$($(A)"],
    ["$(A$(B))", "$(A$(B))"],
    ["$(A$$)", "$(A$$)"],
    ["$(B)$(A", "two$(A"],
    ["ends with $", "ends with $"],
    ["$", "$"],
    ["", ""],
    ["$é(A)", "$é(A)"],
    ["\\$(A)", "\\one"],
    ["(A) $A) \n", "(A) $A) \n"]
  ]
  for (const [text, becomes] of cases) {
    it(`${JSON.stringify(text)} becomes ${JSON.stringify(becomes)}`, () => assert.strictEqual(expanded(text), becomes))
  }

  it.prop("what a reader of one character after the other makes of a text", [texts], ([parts]) => {
    const text = parts.join("")
    assert.strictEqual(expanded(text), read([...text], ""))
  })

  it.prop("a text whose dollar signs are doubled stays what it was", [texts, Schema.String], ([parts, other]) => {
    for (const text of [parts.join(""), other]) assert.strictEqual(expanded(text.replaceAll("$", "$$$$")), text)
  })

  it.prop("a text that has none stays as it is", [Schema.String, texts], ([other, parts]) => {
    for (const text of [other, parts.join("")]) if (!hasReference(text)) assert.strictEqual(expanded(text), text)
  })

  it("take time proportional to the text", () => {
    const times = 200_000
    for (const part of ["$(", "$", ")", "$(A", "$(A)"]) assert.isAtLeast(expanded(part.repeat(times)).length, times / 2)
  })
})

/** The same, told by another: what is left to read, and what has been written. */
const read = (left: ReadonlyArray<string>, written: string): string => {
  const [first, second] = left
  if (first === undefined) return written
  if (first !== "$" || second === undefined) return read(left.slice(1), written + first)
  if (second === "$") return read(left.slice(2), `${written}$`)
  const end = second === "(" ? left.indexOf(")") : -1
  if (end === -1) return read(left.slice(2), written + first + second)
  const name = left.slice(2, end).join("")
  return read(left.slice(end + 1), written + (variables.get(name) ?? `$(${name})`))
}
