import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { declarationOf, decoded, kinds, planned } from "../../scripts/bench/growth.ts"
import { growth, linear } from "../Effort.ts"

describe("what grows with a declaration", () => {
  for (const kind of Object.keys(kinds) as ReadonlyArray<keyof typeof kinds>) {
    it.effect(`decoding is linear in ${kind}`, () =>
      Effect.gen(function* () {
        const text = (count: number) => declarationOf(kind, count)
        const times = yield* growth(text, (text) => Effect.sync(() => decoded(text)), kinds[kind])
        assert.isAtMost(times, linear)
      })
    )

    it.effect(`planning is linear in ${kind}`, () =>
      Effect.gen(function* () {
        const workload = (count: number) => decoded(declarationOf(kind, count))
        const times = yield* growth(workload, (workload) => Effect.sync(() => planned(workload)), kinds[kind])
        assert.isAtMost(times, linear)
      })
    )
  }
})
