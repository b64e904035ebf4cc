import { assert, describe, it } from "@effect/vitest"
import * as Schema from "effect/Schema"
import { counted, type Tally, verdictOf } from "../../src/agent/tally.ts"

const Threshold = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 4 }))
const Answers = Schema.Array(Schema.Boolean).check(Schema.isMaxLength(20))

describe("a probe's verdict", () => {
  it.prop(
    "is what the last answers say, if as many as the threshold agree",
    [Answers, Threshold, Threshold],
    ([answers, successThreshold, failureThreshold]) => {
      let tally: Tally | undefined
      for (const [index, answer] of answers.entries()) {
        tally = counted(tally, answer)
        const verdict = verdictOf(tally, { successThreshold, failureThreshold })
        const needed = answer ? successThreshold : failureThreshold
        const last = answers.slice(Math.max(0, index + 1 - needed), index + 1)
        const isDecided = last.length === needed && last.every((one) => one === answer)
        assert.strictEqual(verdict, isDecided ? (answer ? "success" : "failure") : undefined)
      }
    }
  )
})
