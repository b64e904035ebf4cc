import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { boot, dead, declare, refused, running, test } from "./SimulatedBoot.ts"

const crashes = declare({ image: dead.reference })
const all = Effect.map(SimulatedVm, ({ engine }) =>
  engine.containers.map(({ id, name, status }) => ({ id, name, status }))
)

describe("a container that ends again and again", () => {
  for (const [moment, millis] of [
    ["between two of its starts", 5_000],
    ["long after", 600_000]
  ] as const) {
    test(`is replaced by \`up --retry\`, ${moment}, and comes back under its name if that fails too`, {}, () =>
      Effect.gen(function* () {
        assert.strictEqual((yield* refused(crashes))._tag, "ContainerFailed")
        const before = yield* all
        for (const _ of ["once", "and again"]) {
          yield* Effect.sleep(millis)
          const failure = yield* refused(crashes, { retry: true })
          if (failure._tag !== "ContainerFailed") return assert.fail(failure.message)
          assert.match(failure.message, /ended right after its start/)
          const after = yield* all
          assert.deepStrictEqual(
            after.map(({ id, name }) => [id, name]),
            before.map(({ id, name }) => [id, name])
          )
          assert.include(["running", "restarting"], after[0]?.status)
        }
      })
    )
  }

  test("gives way to a declaration that works", {}, () =>
    Effect.gen(function* () {
      yield* refused(crashes)
      yield* Effect.sleep("5 seconds")
      yield* boot(declare())
      assert.lengthOf(yield* all, 1)
      assert.lengthOf(yield* running, 1)
    })
  )
})
