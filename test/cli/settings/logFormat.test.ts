import { assert, describe, it } from "@effect/vitest"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as References from "effect/References"
import * as TestConsole from "effect/testing/TestConsole"
import { ChosenFormat, type LogFormat, layerLogger } from "../../../src/cli/settings/logFormat.ts"

const nowhere = { isTerminal: false, isJournal: false }

/** What reaches standard error; nothing may reach standard output. */
const logged = (format: LogFormat, surroundings: typeof nowhere, log: Effect.Effect<void>) =>
  Effect.gen(function* () {
    yield* log.pipe(
      Effect.provide(layerLogger(format, surroundings)),
      Effect.provideService(References.MinimumLogLevel, "All")
    )
    assert.deepStrictEqual(yield* TestConsole.logLines, [])
    return (yield* TestConsole.errorLines).map(String)
  }).pipe(Effect.provide(Layer.fresh(TestConsole.layer)))

const levels = Effect.all(
  [Effect.logDebug("d"), Effect.logInfo("i"), Effect.logWarning("w"), Effect.logError("e"), Effect.logFatal("f")],
  { discard: true }
)

describe("layerLogger", () => {
  it.effect("journal: each line has its priority", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* logged("journal", nowhere, levels), ["<7>d", "<6>i", "<4>w", "<3>e", "<2>f"])
      assert.deepStrictEqual(yield* logged("journal", nowhere, Effect.logError("a\nb")), ["<3>a\n<3>b"])
    })
  )

  it.effect("terminal: coloured, but for what is usual", () =>
    Effect.gen(function* () {
      const wrapped = (color: number, text: string) => `\u001B[${color}m${text}\u001B[0m`
      const lines = [wrapped(90, "d"), "i", wrapped(33, "w"), wrapped(31, "e"), wrapped(31, "f")]
      assert.deepStrictEqual(yield* logged("terminal", nowhere, levels), lines)
    })
  )

  it.effect("plain: time, level, text", () =>
    Effect.gen(function* () {
      const epoch = "1970-01-01T00:00:00.000Z"
      const lines = [`${epoch} debug d`, `${epoch} info i`, `${epoch} warn w`, `${epoch} error e`, `${epoch} fatal f`]
      assert.deepStrictEqual(yield* logged("plain", nowhere, levels), lines)
    })
  )

  it.effect("json: one object on each line", () =>
    Effect.gen(function* () {
      const lines = yield* logged("json", nowhere, Effect.andThen(Effect.logWarning("a\nb"), Effect.logInfo("c")))
      assert.isFalse(lines.some((line) => line.includes("\n")))
      const objects = lines.map((line) => JSON.parse(line) as { message: string; level: string })
      assert.deepStrictEqual(
        objects.map(({ message, level }) => [level, message]),
        [
          ["WARN", "a\nb"],
          ["INFO", "c"]
        ]
      )
    })
  )

  it.effect("several values and a cause come as one text", () =>
    Effect.gen(function* () {
      const [line] = yield* logged("journal", nowhere, Effect.logError("a", { b: 1 }, Cause.fail("why")))
      assert.match(line ?? "", /^<3>a \{[^]*"b":\s*1[^]*\} [^]*why/)
    })
  )

  const chosen: ReadonlyArray<readonly [string, boolean, boolean, string]> = [
    ["journald", false, true, "journal"],
    ["a terminal", true, false, "terminal"],
    ["anything else", false, false, "plain"]
  ]
  for (const [place, isTerminal, isJournal, expected] of chosen) {
    it.effect(`auto: ${expected} for ${place}`, () =>
      Effect.gen(function* () {
        const inForce = (format: LogFormat) =>
          Effect.provide(Effect.service(ChosenFormat), layerLogger(format, { isTerminal, isJournal }))
        assert.strictEqual(yield* inForce("auto"), expected)
        assert.strictEqual(yield* inForce("json"), "json")
      })
    )
  }
})
