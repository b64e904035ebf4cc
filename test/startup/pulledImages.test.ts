import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { superseded } from "../../src/startup/pulledImages.ts"
import { app, declare, other, started, test } from "./SimulatedBoot.ts"

const third = { reference: "registry.example/app:3" }
const fourth = { reference: "registry.example/app:4" }
const tagged = { images: [app, other, third, fourth] }
const held = Effect.map(SimulatedVm, ({ engine }) => [...engine.images.keys()].toSorted())

describe("which pulled images are superseded", () => {
  const pulled = (id: string) => ({ id, reference: `app:${id}` })
  const [one, two, three] = [pulled("1"), pulled("2"), pulled("3")]
  it("all but the running one's and the last good one's", () => {
    assert.deepStrictEqual(superseded([three, two, one], "3", ["2"]), [one])
    assert.deepStrictEqual(superseded([three, two, one], "3", ["1"]), [two])
  })
  it("where nothing ran before, the last one that was pulled is the last good one", () => {
    assert.deepStrictEqual(superseded([three, two, one], "3", []), [one])
    assert.deepStrictEqual(superseded([three, two, one], "3", ["3"]), [one])
    assert.deepStrictEqual(superseded([one], "1", []), [])
  })
})

describe("after a container came up on a new image", () => {
  test("the images of the runs before the last good one are removed", tagged, () =>
    Effect.gen(function* () {
      yield* started(declare())
      yield* started(declare({ image: other.reference }))
      assert.deepStrictEqual(yield* held, [app.reference, other.reference])
      yield* started(declare({ image: third.reference }))
      assert.deepStrictEqual(yield* held, [other.reference, third.reference])
    })
  )

  test(
    "an image that was there before us stays, though we ran it",
    { images: [{ ...app, local: true }, other, third] },
    () =>
      Effect.gen(function* () {
        yield* started(declare())
        yield* started(declare({ image: other.reference }))
        yield* started(declare({ image: third.reference }))
        yield* started(declare({ image: other.reference, env: [] }))
        assert.deepStrictEqual(yield* held, [app.reference, other.reference, third.reference])
      })
  )

  test("one that a container of somebody else was made of stays", tagged, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const first = yield* started(declare())
      const { spec } = vm.container(first.name)!
      yield* vm.engine.place({ ...spec, name: "somebody", labels: {} }, false)
      yield* started(declare({ image: other.reference }))
      yield* started(declare({ image: third.reference }))
      assert.include(yield* held, app.reference)
    })
  )

  test("what cannot be kept or removed is said, and the container runs", tagged, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      yield* started(declare({ image: other.reference }))
      vm.setFaults(({ name }) => (name === "docker remove image" ? "fail" : undefined))
      yield* started(declare({ image: third.reference }))
      assert.lengthOf(yield* held, 3)
      // The next run that pulls takes it along.
      vm.setFaults(undefined)
      yield* started(declare({ image: fourth.reference }))
      assert.deepStrictEqual(yield* held, [third.reference, fourth.reference])
    })
  )
})
