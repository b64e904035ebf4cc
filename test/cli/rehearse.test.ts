import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { slipway } from "./CommandLine.ts"
import { declared, said, secret } from "./declared.ts"

describe("slipway rehearse", () => {
  it.effect("boots a sample: plan and report, the same for the same seed", () =>
    Effect.gen(function* () {
      const first = yield* slipway(["rehearse"])
      assert.strictEqual(first.exitCode, 0)
      assert.match(first.stdout, /is to be started: \d+ steps\.\n[^]*was started: running/)
      assert.match(first.stderr, /^2026-01-01T00:00:\d\d\.\d{3}Z info done: format/m)
      assert.deepStrictEqual(yield* slipway(["rehearse"]), first)
      const other = yield* slipway(["rehearse", "--seed", "7"])
      assert.notStrictEqual(other.stdout.split("\n")[2], first.stdout.split("\n")[2])
      assert.notInclude(said(first), "secret@")
    })
  )

  it.effect("boots a declaration of one's own, or says what is wrong with it", () =>
    Effect.gen(function* () {
      const good = yield* slipway(["rehearse", "web.yaml"], { files: { "web.yaml": declared } })
      assert.strictEqual(good.exitCode, 0)
      assert.notInclude(said(good), secret)
      const bad = yield* slipway(["rehearse", "-"], { stdin: "spec: {}" })
      assert.strictEqual(bad.exitCode, 78)
      assert.match(bad.stderr, /^<stdin>:1:\d+: error: /m)
      const gone = yield* slipway(["rehearse", "gone.yaml"])
      assert.strictEqual(gone.exitCode, 78)
      assert.strictEqual(gone.stderr, "slipway: gone.yaml cannot be read: there is no such file\n")
    })
  )
})
