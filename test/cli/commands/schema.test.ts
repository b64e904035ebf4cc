import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { declarationJsonSchema } from "../../../src/declaration/jsonSchema.ts"
import { slipway } from "../CommandLine.ts"

describe("slipway schema", () => {
  it.effect("prints the JSON Schema of declarations, and needs no VM", () =>
    Effect.gen(function* () {
      const run = yield* slipway(["schema"])
      assert.deepInclude(run, { exitCode: 0, stderr: "", hosts: [] })
      assert.deepStrictEqual(JSON.parse(run.stdout), declarationJsonSchema())
    })
  )
})
