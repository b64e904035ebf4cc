import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { app, boot, changes, declare, refused, running, started, startedPod, test } from "./SimulatedBoot.ts"

const withPolicy = (imagePullPolicy: string, rest: Record<string, unknown> = {}) =>
  declare({ imagePullPolicy, ...rest })
const held = { images: [{ ...app, local: true }] }
const moved = { ...app, digest: `sha256:${"b".repeat(64)}` }
const askedSince = Effect.fnUntraced(function* (since: number) {
  const vm = yield* SimulatedVm
  return vm.transcript
    .slice(since)
    .map(({ name }) => name)
    .filter((name) => name === "docker resolve digest" || name === "docker pull" || name === "metadata token")
})

describe("imagePullPolicy", () => {
  test(
    "IfNotPresent: no registry is asked for an image that the engine holds, nor metadata for a token",
    {
      images: [{ reference: "gcr.io/p/app:1", local: true, token: "ya29.t0ken" }]
    },
    () =>
      Effect.gen(function* () {
        const declaration = withPolicy("IfNotPresent", { image: "gcr.io/p/app:1" })
        yield* started(declaration)
        assert.deepStrictEqual(yield* askedSince(0), [])
        const vm = yield* SimulatedVm
        const before = vm.transcript.length
        vm.publish({ reference: "gcr.io/p/app:1", digest: moved.digest })
        yield* started(declaration)
        assert.deepStrictEqual(yield* changes(before), [])
        assert.deepStrictEqual(yield* askedSince(0), [])
      })
  )

  test("IfNotPresent: an image that is not there is pulled, and not asked for again", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(withPolicy("IfNotPresent"))
      assert.deepStrictEqual(yield* askedSince(0), ["docker resolve digest", "docker pull"])
      // The engine is asked for it by the look, and by the record of what is pulled.
      const names = vm.transcript.map(({ name }) => name)
      const inspected = names.slice(0, names.indexOf("docker pull")).filter((name) => name === "docker inspect image")
      assert.lengthOf(inspected, 2)
      const since = vm.transcript.length
      yield* started(withPolicy("IfNotPresent"))
      assert.deepStrictEqual(yield* changes(since), [])
      assert.deepStrictEqual(yield* askedSince(since), [])
    })
  )

  test("IfNotPresent: a run that cannot pull a missing image leaves the old container alone", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      const before = yield* running
      vm.withdraw("registry.example/app:2")
      const failure = yield* refused(withPolicy("IfNotPresent", { image: "registry.example/app:2" }))
      assert.strictEqual(failure._tag, "DockerError")
      assert.deepStrictEqual(yield* running, before)
    })
  )

  test("Always: a tag that has moved is followed, whatever the tag is called", held, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(withPolicy("Always"))
      const before = vm.transcript.length
      vm.publish(moved)
      yield* started(withPolicy("Always"))
      assert.include(yield* changes(before), "docker pull")
    })
  )

  test("Never: what is there is started, and no registry is asked", held, () =>
    Effect.gen(function* () {
      yield* started(withPolicy("Never"))
      assert.deepStrictEqual(yield* askedSince(0), [])
    })
  )

  test("Never: what is not there refuses the plan before anything is stopped", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare({ image: "registry.example/app:2" }))
      const since = vm.transcript.length
      const failure = yield* refused(withPolicy("Never"))
      assert.strictEqual(failure._tag, "PlanRefused")
      assert.strictEqual(
        failure.message,
        'the container "web" has the imagePullPolicy Never, and the engine does not hold registry.example/app:1. Pull or load it on the VM, or write IfNotPresent.'
      )
      assert.deepStrictEqual(yield* changes(since), [])
      assert.deepStrictEqual(yield* askedSince(since), [])
    })
  )

  test("Never: what runs as declared runs on where its image has lost its name", held, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(withPolicy("Never"))
      const [container] = yield* running
      // Another image takes the tag, and is removed.
      const since = vm.transcript.length
      vm.engine.load("registry.example/app:1", { ...vm.container(container!)!.image, id: "sha256:other" })
      yield* Effect.ignore(vm.engine.client.removeImage("sha256:other"))
      assert.isFalse(vm.engine.images.has("registry.example/app:1"))
      yield* started(withPolicy("Never"))
      assert.deepStrictEqual(yield* running, [container])
      assert.deepStrictEqual(yield* askedSince(since), [])
    })
  )

  const both = (one: string, other: string) =>
    JSON.stringify({
      spec: {
        containers: [
          { name: "one", image: app.reference, imagePullPolicy: one },
          { name: "other", image: app.reference, imagePullPolicy: other }
        ]
      }
    })

  test("of two containers with one image: the one that asks for it decides, and both follow", held, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* startedPod(both("IfNotPresent", "Always"))
      const first = vm.transcript.length
      vm.publish(moved)
      const report = yield* startedPod(both("IfNotPresent", "Always"))
      assert.deepStrictEqual(
        report.containers.map(({ kept }) => kept),
        [false, false]
      )
      const second = vm.transcript.length
      assert.isAbove(second, first)
      yield* startedPod(both("IfNotPresent", "Always"))
      assert.deepStrictEqual(yield* changes(second), [])
    })
  )

  test("of two containers with one missing image: Never is refused, whatever the other would pull", {}, () =>
    Effect.gen(function* () {
      const failure = yield* Effect.flip(boot(both("Never", "IfNotPresent")))
      assert.strictEqual(failure._tag, "PlanRefused")
      assert.notMatch(failure.message, /"other"/)
    })
  )
})
