import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { app, changes, dead, declare, on, other, refused, running, started, test } from "./SimulatedBoot.ts"

const model = { reference: "registry.example/model:1", files: ["weights/layer-0", "config.json"], sizeBytes: 1_000_000 }
const newModel = { ...model, reference: "registry.example/model:2" }
const images = [app, other, dead, model, newModel]
/** An engine that can. */
const engine = { images, apiVersion: "1.51" } as const

const withModel = (
  image: Record<string, unknown> = {},
  mount: Record<string, unknown> = {},
  container: Record<string, unknown> = {}
): string =>
  declare(
    { volumeMounts: [{ name: "model", mountPath: "/model", ...mount }], ...container },
    { volumes: [{ name: "model", image: { reference: model.reference, ...image } }] }
  )

const seen = (name: string) => Effect.map(SimulatedVm, (vm) => on(vm.container(name)!.seen, "/model"))

/** What was pulled, in any order. */
const pulled = (since: number) =>
  Effect.map(SimulatedVm, (vm) =>
    vm.transcript.slice(since).flatMap(({ name, subject }) => (name === "docker pull" ? [subject] : []))
  )

describe("a volume of an image", () => {
  test("is pulled and mounted, and nothing is to do then", engine, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(withModel({}, { subPath: "weights" }))
      assert.strictEqual(yield* seen(name), "image")
      const { spec } = vm.container(name)!
      assert.deepStrictEqual(spec.imageMounts, [{ source: model.reference, target: "/model", subPath: "weights" }])
      assert.lengthOf(yield* pulled(0), 2)
      const before = vm.transcript.length
      assert.isTrue((yield* started(withModel({}, { subPath: "weights" }))).kept)
      assert.deepStrictEqual(yield* changes(before), [])
    })
  )

  test("of which the tag has moved replaces the container, and what ran before it is kept for a rollback", engine, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const first = yield* started(withModel())
      const [old] = vm.container(first.name)!.mountedImages
      vm.publish({ ...model, digest: `sha256:${"2".repeat(64)}` })
      const second = yield* started(withModel())
      assert.isFalse(second.kept)
      assert.include(
        second.steps.map(({ step }) => step.cause).join("\n"),
        `the volume "model" is of another image now: ${model.reference} stands for sha256:2222`
      )
      assert.strictEqual(vm.container(second.name)!.mountedImages[0]?.digest, `sha256:${"2".repeat(64)}`)
      assert.isTrue([...vm.engine.images.values()].some(({ id }) => id === old!.id))
      vm.publish({ ...model, digest: `sha256:${"3".repeat(64)}` })
      yield* started(withModel())
      assert.isFalse([...vm.engine.images.values()].some(({ id }) => id === old!.id))
      assert.isTrue((yield* started(withModel())).kept)
    })
  )

  test("that another declaration names is the new one, and the old container comes back if that fails", engine, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(withModel())
      yield* refused(withModel({ reference: newModel.reference }, {}, { image: dead.reference }))
      assert.deepStrictEqual(yield* running, [name])
      assert.strictEqual(yield* seen(name), "image")
      const next = yield* started(withModel({ reference: newModel.reference }))
      assert.strictEqual(vm.container(next.name)!.spec.imageMounts?.[0]?.source, newModel.reference)
    })
  )

  test("is lost in a boot, and the engine starts nothing without it", engine, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(withModel())
      yield* vm.reboot
      assert.deepStrictEqual(yield* running, [])
      const { name, kept } = yield* started(withModel())
      assert.isFalse(kept)
      assert.strictEqual(yield* seen(name), "image")
      // What marks that it is there goes with it.
      yield* started(declare())
      assert.deepStrictEqual(
        vm.host.files.mounts.filter(({ target }) => target.includes("/image-volumes")),
        []
      )
    })
  )

  test("is lost when the engine is restarted, and the next run replaces the container", engine, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(withModel())
      yield* vm.restartEngine
      assert.deepStrictEqual(yield* running, [name])
      assert.strictEqual(yield* seen(name), "nothing")
      const repaired = yield* started(withModel())
      assert.isFalse(repaired.kept)
      assert.include(
        repaired.steps.map(({ step }) => step.cause).join("\n"),
        "has lost the images that it had mounted for it"
      )
      assert.strictEqual(yield* seen(repaired.name), "image")
      assert.isTrue((yield* started(withModel())).kept)
    })
  )

  test("of which a part is mounted keeps the container from starting when the engine has been restarted", engine, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(withModel({}, { subPath: "weights" }))
      yield* vm.restartEngine
      assert.deepStrictEqual(yield* running, [])
      const { name } = yield* started(withModel({}, { subPath: "weights" }))
      assert.deepStrictEqual(yield* running, [name])
      assert.strictEqual(yield* seen(name), "image")
    })
  )

  test("a part that is not in it fails the start, and the old container comes back", engine, () =>
    Effect.gen(function* () {
      const { name } = yield* started(declare())
      const failure = yield* refused(withModel({}, { subPath: "nowhere" }))
      assert.include(failure.message, "a volume's image does not have what is to be mounted of it")
      assert.deepStrictEqual(yield* running, [name])
    })
  )

  test(
    "that no registry can tell of is pulled first, and is then known",
    { ...engine, images: [app, other, model] },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        vm.setFaults(({ name, subject }) =>
          name === "docker resolve digest" && subject.includes("model") ? "fail" : undefined
        )
        const { name } = yield* started(withModel())
        assert.strictEqual(yield* seen(name), "image")
        vm.setFaults(undefined)
        assert.isTrue((yield* started(withModel())).kept)
      })
  )

  test("is not pulled where it never may be", { ...engine, images: [app, { ...model, local: true }] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(withModel({ pullPolicy: "Never" }))
      assert.lengthOf(yield* pulled(0), 1)
      assert.isTrue((yield* started(withModel({ pullPolicy: "Never" }))).kept)
      const failure = yield* refused(withModel({ reference: newModel.reference, pullPolicy: "Never" }))
      assert.include(failure.message, `has the pullPolicy Never, and the engine does not hold ${newModel.reference}`)
      assert.lengthOf(vm.engine.containers, 1)
    })
  )

  for (const [what, description, words] of [
    ["an old engine", { images, apiVersion: "1.45" }, "which Docker cannot mount: that takes Docker 28"],
    ["Podman", { images, engine: "Podman" }, "which Podman cannot mount"]
  ] as const) {
    test(`is refused by ${what} while the old container runs on`, description, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(declare())
        const before = vm.transcript.length
        const failure = yield* refused(withModel())
        assert.strictEqual(failure._tag, "PlanRefused")
        assert.include(failure.message, words)
        assert.deepStrictEqual(
          (yield* changes(before)).filter((change) => !change.includes("pull")),
          []
        )
        assert.deepStrictEqual(yield* running, [name])
      })
    )
  }
})
