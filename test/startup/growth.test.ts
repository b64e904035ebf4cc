import { assert, describe, it } from "@effect/vitest"
import { growth, kinds } from "../../scripts/bench/growth.ts"

describe("what grows with a declaration", () => {
  for (const kind of Object.keys(kinds) as ReadonlyArray<keyof typeof kinds>) {
    it(`is linear in ${kind}`, () => {
      /** The fastest of some: what else the machine does only adds. */
      const fastest = (count: number) => {
        const taken = Array.from({ length: 4 }, () => growth(kind, count))
        const least = (part: "decode" | "plan") => Math.min(...taken.map((of) => of[part]))
        return { decode: least("decode"), plan: least("plan") }
      }
      const few = fastest(kinds[kind] / 10)
      const many = fastest(kinds[kind])
      // Ten times as much takes about ten times as long; a hundred times, were it quadratic.
      assert.isBelow(many.decode / few.decode, 35)
      assert.isBelow(many.plan / few.plan, 35)
    })
  }
})
