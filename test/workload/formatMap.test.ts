import { assert, describe, it } from "@effect/vitest"
import { formatMap } from "../../src/workload/formatMap.ts"

describe("labels in a file", () => {
  it("are a line each, in the order of their keys, the last without a line feed", () => {
    assert.strictEqual(formatMap(), "")
    assert.strictEqual(formatMap({ b: "2", a: "1", "a.b/c": "" }), 'a="1"\na.b/c=""\nb="2"')
  })

  it("are quoted as Go quotes", () => {
    const quotes = (text: string) => formatMap({ a: text }).slice(2)
    assert.strictEqual(quotes('say "hi" \\ \n\t\r'), String.raw`"say \"hi\" \\ \n\t\r"`)
    assert.strictEqual(quotes("\x07\b\f\v\0\x1b\x7f"), String.raw`"\a\b\f\v\x00\x1b\x7f"`)
    assert.strictEqual(quotes("größe – 世界 🎉"), '"größe – 世界 🎉"')
    // No-break space, a zero-width one, and a character that no Unicode has.
    assert.strictEqual(quotes("\u00a0\u200b\u{e0001}"), String.raw`"\u00a0\u200b\U000e0001"`)
  })
})
