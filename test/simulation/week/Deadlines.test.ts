import { assert, describe, it } from "@effect/vitest"
import { Deadlines } from "../../../src/simulation/week/Deadlines.ts"

const works = "works" as const
/**
 * A Pod of 10 min, the same with another comment, another of 20 min, two that may run for ever, one that fails, what is no
 * Pod, and the first with another time.
 */
const declarations = [
  { fate: works, meaning: "1", deadline: { seconds: 600, pod: "one" } },
  { fate: works, meaning: "1", deadline: { seconds: 600, pod: "one" } },
  { fate: works, meaning: "2", deadline: { seconds: 1_200, pod: "two" } },
  { fate: works, meaning: "three" },
  { fate: works, meaning: "one" },
  { fate: "fails" as const, meaning: "four" },
  { fate: "cannot work" as const, meaning: "" },
  { fate: works, meaning: "5", deadline: { seconds: 900, pod: "one" } }
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

  it("lasts until the same Pod is read with another time, whatever its comments, or the boot is over", () => {
    const deadlines = new Deadlines(declarations)
    deadlines.read(0, 0)
    assert.isFalse(deadlines.exceeded(9 * minute, 0))
    assert.isTrue(deadlines.exceeded(10 * minute, 0))
    assert.isTrue(deadlines.isOver(0))
    deadlines.read(20 * minute, 1)
    deadlines.read(21 * minute, 6)
    assert.isTrue(deadlines.isOver(0))
    assert.isTrue(deadlines.mustBeOver(22 * minute, 1))
    deadlines.read(30 * minute, 7)
    assert.isFalse(deadlines.isOver(0))
    assert.isFalse(deadlines.mayBeOver(44 * minute, 7))
    assert.isTrue(deadlines.exceeded(45 * minute, 7))
    deadlines.boot()
    assert.isFalse(deadlines.mayBeOver(60 * minute, 7))
  })

  it("may be anew once another Pod was declared meanwhile, which has not come up", () => {
    for (const isOverBefore of [true, false]) {
      const deadlines = new Deadlines(declarations)
      deadlines.read(0, 0)
      deadlines.succeeded(minute, 0, 0)
      if (isOverBefore) deadlines.exceeded(10 * minute, 0)
      deadlines.read(9 * minute, 5)
      if (!isOverBefore) deadlines.exceeded(10 * minute, 0)
      deadlines.read(30 * minute, 0)
      assert.isFalse(deadlines.isOver(0))
      assert.isFalse(deadlines.mustBeOver(31 * minute, 0))
      deadlines.exceeded(32 * minute, 0)
      assert.isTrue(deadlines.mustBeOver(33 * minute, 0))
    }
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
