import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { parseDuration } from "../../../src/cli/settings/parseDuration.ts"

const millis = (text: string) => Option.map(parseDuration(text), Duration.toMillis)

describe("parseDuration", () => {
  const lengths: ReadonlyArray<readonly [string, number]> = [
    ["500ms", 500],
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["0s", 0],
    ["1.5s", 1500],
    [" 2s ", 2000],
    ["3 seconds", 3000]
  ]
  for (const [text, expected] of lengths) {
    it(`reads "${text}"`, () => assert.deepStrictEqual(millis(text), Option.some(expected)))
  }

  for (const text of [
    "",
    "s",
    "5",
    "-1s",
    "-1 seconds",
    "5d",
    "5 s m",
    "1e3s",
    "Infinity",
    "infinity",
    "1h30m",
    ".5s"
  ]) {
    it(`refuses "${text}"`, () => assert.deepStrictEqual(millis(text), Option.none()))
  }

  it.each(["h", "ms", " nanos", " micros", " weeks"])("refuses more than can be counted, in%s", (unit) => {
    assert.deepStrictEqual(millis(`${"9".repeat(400)}${unit}`), Option.none())
  })

  it.prop(
    "a whole number of any unit is that number",
    [Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 1_000_000 }))],
    ([amount]) => {
      assert.deepStrictEqual(millis(`${amount}ms`), Option.some(amount))
      assert.deepStrictEqual(millis(`${amount}s`), Option.some(amount * 1000))
      assert.deepStrictEqual(millis(`${amount}m`), millis(`${amount * 60}s`))
      assert.deepStrictEqual(millis(`${amount}h`), millis(`${amount * 60}m`))
    }
  )
})
