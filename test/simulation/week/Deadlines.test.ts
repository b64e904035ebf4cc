import { assert, describe, it } from "@effect/vitest"
import { Deadlines } from "../../../src/simulation/week/Deadlines.ts"

/** A Pod of 10 min, the same with another comment, another of 20 min, and one that may run for ever. */
const declarations = [
  { meaning: "1", deadline: { seconds: 600, pod: "one" } },
  { meaning: "1", deadline: { seconds: 600, pod: "one" } },
  { meaning: "2", deadline: { seconds: 1_200, pod: "two" } },
  { meaning: "three" },
  { meaning: "one" }
]
const minute = 60_000

describe("what is known of deadlines from outside", () => {
  it("begins with the first run that reads a Pod, and for sure with one that has succeeded", () => {
    const deadlines = new Deadlines(declarations)
    deadlines.read(0, 0)
    deadlines.read(2 * minute, 0)
    deadlines.succeeded(3 * minute, 0, 2 * minute)
    const at = (minutes: number) => [
      deadlines.mayBeOver(minutes * minute, 0),
      deadlines.mustBeOver(minutes * minute, 0)
    ]
    assert.deepStrictEqual([9, 10, 17.9, 18.1].map(at), [
      [false, false],
      [true, false],
      [true, false],
      [true, true]
    ])
    deadlines.read(0, 3)
    assert.isFalse(deadlines.mayBeOver(100 * minute, 3))
  })

  it("lasts until another text is read, or the boot is over", () => {
    const deadlines = new Deadlines(declarations)
    deadlines.read(0, 0)
    assert.isFalse(deadlines.exceeded(9 * minute, 0))
    assert.isTrue(deadlines.exceeded(10 * minute, 0))
    assert.isTrue(deadlines.isOver(0))
    deadlines.read(20 * minute, 1)
    assert.isFalse(deadlines.isOver(0))
    assert.isFalse(deadlines.mayBeOver(29 * minute, 1))
    assert.isTrue(deadlines.exceeded(30 * minute, 1))
    deadlines.boot()
    assert.isFalse(deadlines.mayBeOver(40 * minute, 1))
  })

  it("is anew once another Pod without one has come up, and goes on if it is the same", () => {
    const deadlines = new Deadlines(declarations)
    deadlines.read(0, 0)
    deadlines.succeeded(minute, 4, 0)
    assert.isTrue(deadlines.mayBeOver(10 * minute, 0))
    deadlines.succeeded(5 * minute, 3, 4 * minute)
    assert.isFalse(deadlines.mayBeOver(10 * minute, 0))
    deadlines.read(6 * minute, 0)
    assert.isFalse(deadlines.mayBeOver(15 * minute, 0))
    deadlines.exceeded(16 * minute, 0)
    deadlines.succeeded(17 * minute, 3, 17 * minute)
    assert.isFalse(deadlines.mayBeOver(18 * minute, 0))
  })

  it("is in doubt once another Pod was read, and gone once that has come up", () => {
    const deadlines = new Deadlines(declarations)
    deadlines.read(0, 0)
    deadlines.exceeded(10 * minute, 0)
    deadlines.read(11 * minute, 2)
    assert.deepStrictEqual([deadlines.isOver(0), deadlines.mayBeOver(11 * minute, 0)], [false, true])
    deadlines.succeeded(12 * minute, 2, 11 * minute)
    assert.isFalse(deadlines.mayBeOver(12 * minute, 0))
    deadlines.read(13 * minute, 0)
    assert.isFalse(deadlines.mayBeOver(22 * minute, 0))
    assert.isTrue(deadlines.mayBeOver(23 * minute, 0))
  })
})
