import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import type { PulledImage } from "../../src/apply/pulledImages.ts"
import { neverUp, superseded } from "../../src/startup/retireImages.ts"
import type { Fault } from "../../src/simulation/Calls.ts"
import { app, boot, dead, declare, other, refused, running, started, test } from "./SimulatedBoot.ts"

const third = { reference: "registry.example/app:3" }
const fourth = { reference: "registry.example/app:4" }
const tagged = { images: [app, other, third, fourth] }
const held = Effect.map(SimulatedVm, ({ engine }) => [...engine.images.keys()].toSorted())

describe("which pulled images are superseded", () => {
  const pulled = (id: string) => ({ id, reference: `app:${id}` })
  const [one, two, three] = [pulled("1"), pulled("2"), pulled("3")]
  it("all but the running one's and the last good one's", () => {
    assert.deepStrictEqual(superseded([three, two, one], ["3"], ["2"]), [one])
    assert.deepStrictEqual(superseded([three, two, one], ["3"], ["1"]), [two])
  })
  it("where nothing ran before, the last one that was pulled is the last good one", () => {
    assert.deepStrictEqual(superseded([three, two, one], ["3"], []), [one])
    assert.deepStrictEqual(superseded([three, two, one], ["3"], ["3"]), [one])
    assert.deepStrictEqual(superseded([one], ["1"], []), [])
  })
  it("one on which no container came up is never the last good one", () => {
    const failed = { ...two, cameUp: false }
    assert.deepStrictEqual(superseded([three, failed, one], ["3"], []), [failed])
    assert.deepStrictEqual(superseded([three, failed, one], ["3"], ["2"]), [failed])
    assert.deepStrictEqual(superseded([{ ...three, cameUp: false }, failed], ["3"], []), [failed])
  })
  it("where none came up: all others on which none ever did", () => {
    const failed = (one: PulledImage) => ({ ...one, cameUp: false })
    const all = [three, two, one].map(failed)
    assert.deepStrictEqual(neverUp(all, ["3"]), [failed(two), failed(one)])
    assert.deepStrictEqual(neverUp([three, { ...two, cameUp: true }, one], []), [])
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

  test("one that cannot be removed does not keep the others", tagged, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      for (const { reference } of [app, other]) yield* started(declare({ image: reference }))
      // Neither of the two goes when the third comes up; one of them not when the fourth does.
      vm.setFaults(({ name }) => (name === "docker remove image" ? "fail" : undefined))
      yield* started(declare({ image: third.reference }))
      const stuck = vm.engine.images.get(app.reference)?.id
      vm.setFaults(({ name, subject }) => (name === "docker remove image" && subject === stuck ? "fail" : undefined))
      yield* started(declare({ image: fourth.reference }))
      assert.deepStrictEqual(yield* held, [app.reference, third.reference, fourth.reference])
      vm.setFaults(undefined)
      yield* started(declare({ image: fourth.reference }))
      assert.deepStrictEqual(yield* held, [third.reference, fourth.reference])
    })
  )

  test("what version 0.1.0 noted counts as ours, and as having come up", tagged, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      yield* started(declare({ image: other.reference }))
      const path = "/var/lib/slipway/images"
      const { machine, text } = JSON.parse(vm.host.files.read(path)!) as { machine: string; text: string }
      const old = (JSON.parse(text) as Array<Record<string, unknown>>).map(({ id, reference }) => ({ id, reference }))
      vm.host.files.write(path, JSON.stringify({ machine, text: JSON.stringify(old) }))
      yield* started(declare({ image: third.reference }))
      assert.deepStrictEqual(yield* held, [other.reference, third.reference])
    })
  )
})

const moving = (letter: string) => ({ ...app, digest: `sha256:${letter.repeat(64)}` })
const digests = Effect.map(SimulatedVm, ({ engine }) =>
  [...engine.images.values()].map(({ digest }) => digest.charAt(7)).toSorted()
)

describe("a tag that moves", () => {
  for (const imageStore of ["graph driver", "containerd"] as const) {
    test(`leaves the last good image, and no other: ${imageStore}`, { images: [moving("a")], imageStore }, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        yield* started(declare())
        for (const [letter, left] of [
          ["b", "ab"],
          ["c", "bc"],
          ["d", "cd"]
        ] as const) {
          vm.publish(moving(letter))
          yield* started(declare())
          assert.strictEqual((yield* digests).join(""), left)
        }
      })
    )
  }
})

describe("an image that was pulled for a container that failed", () => {
  test("is kept while it is declared, and goes when another is", { ...tagged, images: [...tagged.images, dead] }, () =>
    Effect.gen(function* () {
      yield* started(declare())
      const failing = declare({ image: dead.reference })
      yield* refused(failing)
      assert.deepStrictEqual(yield* held, [app.reference, dead.reference])
      yield* started(declare())
      assert.deepStrictEqual(yield* held, [app.reference])
      assert.lengthOf(yield* running, 1)
    })
  )

  test("goes when the tag has moved to the next that fails, and the good one stays", { images: [app, other] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      yield* started(declare({ image: other.reference }))
      const broken = (letter: string) => ({ ...dead, digest: `sha256:${letter.repeat(64)}` })
      for (const letter of ["c", "d", "e"]) {
        vm.publish(broken(letter))
        yield* Effect.sleep("10 minutes")
        yield* refused(declare({ image: dead.reference }))
        assert.deepStrictEqual(yield* held, [app.reference, other.reference, dead.reference].toSorted())
      }
      assert.lengthOf(yield* running, 1)
    })
  )

  test("is the same where nothing ran before it, and its container is left as it is", { images: [dead, other] }, () =>
    Effect.gen(function* () {
      yield* refused(declare({ image: dead.reference }))
      yield* started(declare({ image: other.reference }))
      assert.deepStrictEqual(yield* held, [other.reference])
    })
  )
})

describe("a run that dies or fails at any of its calls", () => {
  const images = [app, other, third, fourth].map((image) => ({ ...image, sizeBytes: 4_000 }))
  const fails = (fault: Fault) =>
    test(`leaves no image that nobody knows of: ${fault}`, { images }, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        for (let at = 0; ; at++) {
          yield* started(declare())
          yield* started(declare({ image: third.reference }))
          let index = 0
          let struck = false
          vm.setFaults(() => {
            const strikes = index++ === at
            struck ||= strikes
            return strikes ? fault : undefined
          })
          yield* Effect.exit(boot(declare({ image: other.reference })))
          vm.setFaults(undefined)
          vm.restartAgent()
          if (!struck) return assert.isAbove(at, 20)
          yield* started(declare({ image: fourth.reference }))
          yield* started(declare({ image: third.reference }))
          assert.deepStrictEqual(yield* held, [third.reference, fourth.reference], `call ${at}`)
        }
      })
    )
  for (const fault of ["crash", "crash after", "lose", "fail"] as const) fails(fault)
})
