import { assert, describe, it } from "@effect/vitest"
import { LookPace } from "../../src/agent/LookPace.ts"

const second = 1000
const minute = 60 * second

describe("LookPace", () => {
  it("lets the first event cause a look at once, and others of the container ever more rarely", () => {
    const pace = new LookPace()
    let now = 1_000_000
    const waits: Array<number> = []
    for (let count = 0; count < 8; count++) {
      const wait = pace.waitFor(["web"], now)
      waits.push(wait / second)
      now += wait
      pace.look(["web"], now)
    }
    assert.deepStrictEqual(waits, [0, 10, 20, 40, 80, 160, 300, 300])
  })

  it("has ten seconds between any two looks", () => {
    const pace = new LookPace()
    pace.look(["web"], 0)
    assert.strictEqual(pace.waitFor(["worker"], 2 * second), 8 * second)
    assert.strictEqual(pace.waitFor(["worker"], 20 * second), 0)
  })

  it("does not hold up one container for another, and counts only what was due", () => {
    const pace = new LookPace()
    for (const at of [0, 10, 30, 70, 150]) pace.look(["web"], at * second)
    assert.strictEqual(pace.waitFor(["web"], 160 * second), 150 * second)
    assert.strictEqual(pace.waitFor(["web", "worker"], 160 * second), 0)
    pace.look(["web", "worker"], 160 * second)
    assert.strictEqual(pace.waitFor(["web"], 170 * second), 140 * second)
    assert.strictEqual(pace.waitFor(["worker"], 170 * second), 0)
  })

  it("forgets a container that has been well for ten minutes", () => {
    const pace = new LookPace()
    for (const at of [0, 10, 30, 70, 150]) pace.look(["web"], at * second)
    assert.strictEqual(pace.waitFor(["web"], 150 * second + 11 * minute), 0)
    pace.look(["web"], 150 * second + 11 * minute)
    assert.strictEqual(pace.waitFor(["web"], 150 * second + 11 * minute), 10 * second)
  })
})
