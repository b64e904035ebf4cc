import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { slipway } from "../CommandLine.ts"

describe("slipway agent", () => {
  it.effect.each([
    [["--follow-tags", "0s"], "--follow-tags must be longer than 0s"],
    [["--follow-tags", "often"], "--follow-tags must be a length of time"],
    [["--declaration", "missing.yaml"], "--declaration: missing.yaml cannot be read: there is no such file"]
  ] as const)("does not begin with settings that cannot work: %s", ([flags, words]) =>
    Effect.gen(function* () {
      const run = yield* slipway(["agent", ...flags])
      assert.strictEqual(run.exitCode, 78)
      assert.include(run.stderr, words)
    })
  )

  it.effect("has no flags for what ends: it neither stays with a container nor tries once", () =>
    Effect.gen(function* () {
      for (const flag of ["--detached", "--retry"]) {
        const run = yield* slipway(["agent", flag])
        assert.strictEqual(run.exitCode, 78)
        assert.include(run.stderr, flag)
      }
    })
  )
})
