import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { targets } from "./targets.ts"
import { attempt } from "./violation.ts"

const seeds = [1, 2, 3, 4]
const iterations = 500

describe("what comes from outside is read or refused, and never anything else", () => {
  for (const target of targets) {
    it.live(target.name, () =>
      Effect.gen(function* () {
        let accepted = 0
        for (const seed of seeds) {
          for (let iteration = 0; iteration < iterations / (target.share ?? 1); iteration++) {
            const trial = yield* attempt(target, seed, iteration)
            if (trial.violation !== undefined) assert.fail(trial.violation)
            if (trial.accepted) accepted++
          }
        }
        // Else it was only seen how garbage is refused.
        assert.isAbove(accepted, 0)
      })
    )
  }
})
