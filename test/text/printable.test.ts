import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as Schema from "effect/Schema"
import { endOnOneLine, isPrintable, oneLine, printable, visible } from "../../src/text/printable.ts"

/** Spelt out, so that a change of the set is seen here: C0, DEL, C1, the bidirectional marks, both separators. */
const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String.fromCodePoint(from + index))
const removed = [
  ...range(0x00, 0x1f),
  ...range(0x7f, 0x9f),
  ...range(0x202a, 0x202e),
  ...range(0x2066, 0x2069),
  "\u061C",
  "\u200E",
  "\u200F",
  "\u2028",
  "\u2029"
]
const isRemoved = (text: string) => removed.some((character) => text.includes(character))

/** Texts in which what is removed is frequent. */
const text = Arbitrary.map(
  Arbitrary.array(
    Arbitrary.schema(Schema.Union([Schema.Literals([...removed, "a", " ", "é", "🌍", "שלום"]), Schema.String])),
    { maxLength: 40 }
  ),
  (parts) => parts.join("")
)

describe("text for people", () => {
  it.prop("is printable exactly if it holds nothing that is removed", [text], ([text]) => {
    assert.strictEqual(isPrintable(text), !isRemoved(text))
  })

  it.prop("keeps its line feeds, and turns tabs into spaces", [text], ([text]) => {
    const shown = printable(text)
    assert.isFalse(isRemoved(shown.replaceAll("\n", "")))
    assert.strictEqual(shown.split("\n").length, text.split("\n").length)
    assert.strictEqual(printable(shown), shown)
  })

  it.prop("has every character in its place when it must stay aligned", [text], ([text]) => {
    const shown = visible(text)
    assert.isFalse(isRemoved(shown))
    assert.lengthOf(shown, text.length)
    assert.isTrue([...text].every((character, index) => removed.includes(character) || [...shown][index] === character))
  })

  it.prop("fits on one line of bounded length", [text], ([text]) => {
    for (const shown of [oneLine(text, 10), endOnOneLine(text, 10)]) {
      assert.isFalse(isRemoved(shown))
      assert.isAtMost(shown.length, 11)
    }
  })

  it("is left alone if nothing of it is to be removed", () => {
    for (const text of ["", "nginx:1.29", "é 🌍 שלום", "a\u200Db"]) {
      assert.deepEqual([printable(text), visible(text), oneLine(text), endOnOneLine(text)], [text, text, text, text])
    }
  })

  it("is cut off at its end, or at its beginning", () => {
    assert.strictEqual(oneLine(" one\r\n\ttwo  three ", 7), "one two…")
    assert.strictEqual(endOnOneLine(" one\r\n\ttwo  three ", 7), "…o three")
    assert.lengthOf(oneLine("x".repeat(10_000)), 601)
    assert.strictEqual(oneLine("x".repeat(10_000), Number.POSITIVE_INFINITY), "x".repeat(10_000))
  })
})
