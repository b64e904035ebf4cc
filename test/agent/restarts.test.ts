import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import { noRestarts, pauseBefore, restarted, type Restarts } from "../../src/agent/restarts.ts"

/** The pauses of a container that each time ends so many seconds after it was started. */
const pausesOf = (ranSeconds: ReadonlyArray<number>): ReadonlyArray<number> => {
  let restarts: Restarts = noRestarts
  let now = 0
  return ranSeconds.map((ran) => {
    now += ran * 1000
    const ended = now
    const pause = pauseBefore(restarts, ended)
    now += Duration.toMillis(pause)
    restarts = restarted(restarts, ended, now)
    return Duration.toSeconds(pause)
  })
}

const Runs = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 2000 }))).check(
  Schema.isMaxLength(30)
)

describe("restarts", () => {
  it("come at once, then after 10 s, doubled to 5 min", () => {
    assert.deepStrictEqual(pausesOf([3, 3, 3, 3, 3, 3, 3, 3, 3]), [0, 10, 20, 40, 80, 160, 300, 300, 300])
  })

  it("are forgotten after more than ten minutes", () => {
    assert.deepStrictEqual(pausesOf([3, 3, 3, 600, 601, 3, 3]), [0, 10, 20, 40, 0, 10, 20])
  })

  it.prop("never wait longer than 5 min, and begin anew only after ten minutes", [Runs], ([runs]) => {
    const pauses = pausesOf(runs)
    for (const [index, pause] of pauses.entries()) {
      const before = pauses[index - 1]
      assert.isAtMost(pause, 300)
      if (before === undefined) assert.strictEqual(pause, 0)
      else if (runs[index]! > 600) assert.strictEqual(pause, 0)
      else assert.strictEqual(pause, before === 0 ? 10 : Math.min(300, before * 2))
    }
  })

  it.prop("are few, however badly a container fares: not more than one in 5 min, and six", [Runs], ([runs]) => {
    const pauses = pausesOf(runs)
    const all = runs.reduce((sum, ran) => sum + ran, 0) + pauses.reduce((sum, pause) => sum + pause, 0)
    const forgotten = runs.filter((ran) => ran > 600).length
    assert.isAtMost(runs.length, 7 * (forgotten + 1) + all / 300)
  })
})
