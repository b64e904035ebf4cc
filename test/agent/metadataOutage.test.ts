import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Progress } from "../../src/progress/Progress.ts"
import type { Call } from "../../src/simulation/Calls.ts"
import { app, declare, other, test } from "../startup/SimulatedBoot.ts"
import { imagesUp, living, resultsOf } from "./LivingAgent.ts"

const silent = ({ name }: Call) => (name.startsWith("metadata") ? "hang" : undefined)

/** An agent, and what it says. */
const heard = Effect.fnUntraced(function* (declaration: string) {
  const said: Array<string> = []
  const lived = yield* living(declaration).pipe(
    Effect.provideService(Progress, (event) =>
      Effect.sync(() => (event._tag === "Notice" || event._tag === "Warning" ? said.push(event.text) : undefined))
    )
  )
  const changes = () => said.filter((text) => text === "the declaration has changed").length
  return { ...lived, changes }
})

describe("an agent that begins while metadata is silent", () => {
  for (const minutes of [1, 2, 3, 4]) {
    test(`and answers after ${minutes} min: the declaration has not changed by that`, {}, () =>
      Effect.gen(function* () {
        const { vm, changes, looks } = yield* Effect.gen(function* () {
          const lived = yield* heard(declare())
          lived.vm.setFaults(silent)
          return lived
        })
        yield* Effect.sleep(`${minutes} minutes`)
        vm.setFaults(undefined)
        yield* Effect.sleep("2 minutes")
        assert.deepStrictEqual(yield* imagesUp, [app.reference])
        assert.strictEqual(changes(), 0)
        assert.lengthOf(looks, 1, resultsOf(looks).join())
        vm.setDeclaration(declare({ image: other.reference }))
        yield* Effect.sleep("1 minute")
        assert.deepStrictEqual(yield* imagesUp, [other.reference])
        assert.strictEqual(changes(), 1)
      })
    )
  }

  test("and runs the last good one meanwhile: that it is declared is known once it answers", {}, () =>
    Effect.gen(function* () {
      const first = yield* heard(declare())
      yield* Effect.sleep("1 minute")
      yield* Fiber.interrupt(first.fiber)
      first.vm.setFaults(silent)
      const { vm, looks, changes } = yield* heard(declare())
      yield* Effect.sleep("8 minutes")
      const degraded = () => {
        const result = looks.at(-1)?.result
        return result?._tag === "Success" && result.success._tag === "Running" ? result.success.degraded.length : -1
      }
      assert.strictEqual(degraded(), 1)
      vm.setFaults(undefined)
      yield* Effect.sleep("70 seconds")
      assert.strictEqual(degraded(), 0)
      assert.strictEqual(changes(), 0)
    })
  )
})

describe("a declaration that a look has read before the watch was told", () => {
  test("is no change any more", {}, () =>
    Effect.gen(function* () {
      const { vm, changes, looks } = yield* heard(declare())
      yield* Effect.sleep("1 minute")
      vm.setFaults(({ name }) => (name === "metadata declaration after" ? "hang" : undefined))
      vm.setDeclaration(declare({ image: other.reference }))
      yield* Effect.sleep("8 minutes")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
      const before = looks.length
      vm.setFaults(undefined)
      yield* Effect.sleep("90 seconds")
      assert.strictEqual(changes(), 0)
      // The look that read it had asked what its tag stands for.
      assert.notInclude(resultsOf(looks.slice(before)), "TagsDue Running")
    })
  )
})

describe("a server that tells a look what was declared before", () => {
  const late = Effect.gen(function* () {
    const { vm, fiber } = yield* living(declare())
    yield* Effect.sleep("1 minute")
    yield* Fiber.interrupt(fiber)
    vm.setMetadataManners({ late: "reads" })
    return yield* living(declare({ image: other.reference }))
  })

  test("and whoever watches the newest: that is soon what runs", {}, () =>
    Effect.gen(function* () {
      const { vm } = yield* late
      yield* Effect.sleep("5 seconds")
      vm.setMetadataManners({})
      yield* Effect.sleep("30 seconds")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
    })
  )

  test("for hours: it is asked ever more rarely", {}, () =>
    Effect.gen(function* () {
      const { vm, looks } = yield* late
      yield* Effect.sleep("2 hours")
      assert.isAtMost(looks.length, 7 + 2 * 15)
      vm.setMetadataManners({})
      yield* Effect.sleep("7 minutes")
      assert.deepStrictEqual(yield* imagesUp, [other.reference])
    })
  )
})
