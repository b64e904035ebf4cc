import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { preview } from "../../src/startup/startup.ts"
import { app, boot, changes, dead, declare, refused, running, started, test } from "./SimulatedBoot.ts"

const digest = (letter: string) => `sha256:${letter.repeat(64)}`
const version = (letter: string) => ({ ...app, digest: digest(letter) })
const first = { images: [version("a")] }

/** What the VM's one container runs, and what its label says that it is. */
const image = Effect.map(SimulatedVm, ({ engine }) => {
  const [container, ...others] = engine.containers
  assert.lengthOf(others, 0)
  return { is: container?.image.digest, label: container?.spec.labels["slipway.image-digest"], id: container?.id }
})

/** The tag moves when this call comes, once. */
const movingAt = (name: string, to: string) =>
  Effect.map(SimulatedVm, (vm) => {
    let moved = false
    vm.setFaults((call) => {
      if (!moved && call.name === name) {
        moved = true
        vm.publish(version(to))
      }
      return undefined
    })
  })

const cannotAsk = { ...first, engine: "Podman" } as const
const pulls = Effect.map(
  SimulatedVm,
  ({ transcript }) => transcript.filter(({ name }) => name === "docker pull").length
)

describe("a tag that moves between the question for its digest and the pull", () => {
  test("the container is of the image that its label says; the next run follows the tag", first, () =>
    Effect.gen(function* () {
      yield* movingAt("docker pull", "b")
      yield* started(declare())
      const before = yield* image
      assert.deepStrictEqual([before.is, before.label], [digest("a"), digest("a")])
      yield* started(declare())
      const after = yield* image
      assert.deepStrictEqual([after.is, after.label], [digest("b"), digest("b")])
      assert.isTrue((yield* started(declare())).kept)
    })
  )

  test("where the digest is not known, no label says what it is", cannotAsk, () =>
    Effect.gen(function* () {
      yield* movingAt("docker pull", "b")
      yield* started(declare())
      const { is, label } = yield* image
      assert.deepStrictEqual([is, label], [digest("b"), undefined])
    })
  )

  test("somebody else's pull of the tag, before the container is created, is undone", first, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setFaults(({ name }) => {
        // Just before: the image is there, and the tag goes elsewhere.
        if (name === "docker inspect image" && vm.engine.images.has(app.reference)) {
          vm.engine.load(app.reference, {
            ...vm.engine.images.get(app.reference)!,
            id: "sha256:b",
            digest: digest("b")
          })
        }
        return undefined
      })
      yield* started(declare())
      const { is, label } = yield* image
      assert.strictEqual(is, label)
    })
  )

  test("a tag that is moved back is followed", first, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      vm.publish(version("b"))
      yield* started(declare())
      vm.publish(version("a"))
      yield* started(declare())
      const { is, label } = yield* image
      assert.deepStrictEqual([is, label], [digest("a"), digest("a")])
      assert.isTrue((yield* started(declare())).kept)
    })
  )
})

describe("a digest that cannot be asked for", () => {
  const refusing = ({ name }: { readonly name: string }) => (name === "docker resolve digest" ? "fail" : undefined)

  for (const [why, description] of [
    ["as the registry refuses the question", first],
    ["as the engine has no such question", cannotAsk]
  ] as const) {
    test(`${why}: a healthy container is left alone, run after run`, description, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        vm.setFaults(refusing)
        yield* started(declare())
        const { id } = yield* image
        for (const _ of [2, 3]) {
          const before = vm.transcript.length
          const report = yield* started(declare())
          assert.isTrue(report.kept)
          assert.deepStrictEqual(yield* changes(before), ["docker pull"])
          assert.deepStrictEqual(
            report.steps.map(({ step }) => step.id),
            ["pull registry.example/app:1"]
          )
        }
        assert.strictEqual((yield* image).id, id)
        assert.strictEqual(yield* pulls, 3)
      })
    )

    test(`${why}: a tag that has moved is followed`, description, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        vm.setFaults(refusing)
        yield* started(declare())
        vm.publish(version("b"))
        const report = yield* started(declare())
        assert.isFalse(report.kept)
        assert.strictEqual((yield* image).is, digest("b"))
        // One pull, and then all that the new image wants.
        const ids = report.steps.map(({ step }) => step.id)
        assert.deepStrictEqual(
          [ids[0], ids.filter((id) => id.startsWith("pull ")).length],
          ["pull registry.example/app:1", 1]
        )
        assert.isTrue((yield* started(declare())).kept)
      })
    )
  }

  test("and can be asked for again: the container stays", first, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.setFaults(refusing)
      yield* started(declare())
      vm.setFaults(undefined)
      const before = vm.transcript.length
      assert.isTrue((yield* started(declare())).kept)
      assert.deepStrictEqual(yield* changes(before), [])
      vm.setFaults(refusing)
      assert.isTrue((yield* started(declare())).kept)
    })
  )

  test("nor the image be pulled: the container stays, and it is said", first, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      const { id } = yield* image
      vm.setFaults(({ name }) => (/^docker (resolve digest|pull)$/.test(name) ? "fail" : undefined))
      const report = yield* started(declare())
      assert.isTrue(report.kept)
      assert.match(report.degraded.join(), /the image is the cached registry\.example\/app:1 \(pulled .*\)/)
      assert.strictEqual((yield* image).id, id)
    })
  )

  test("nor the image be pulled, and no fallback is wished: the run fails, and touches nothing", first, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      vm.setFaults((call) => (/^docker (resolve digest|pull)$/.test(call.name) ? "fail" : undefined))
      const before = vm.transcript.length
      assert.strictEqual((yield* refused(declare(), { pullFallback: "never" }))._tag, "DockerError")
      assert.deepStrictEqual(yield* running, [name])
      assert.deepStrictEqual(
        (yield* changes(before)).filter((change) => change !== "docker pull"),
        []
      )
    })
  )

  test("and the registry says that it has no such image: the run fails, and touches nothing", cannotAsk, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      vm.withdraw(app.reference)
      assert.match((yield* refused(declare())).message, /manifest unknown/)
      assert.deepStrictEqual(yield* running, [name])
    })
  )

  test("a plan says what is known before the pull, and pulls nothing", cannotAsk, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { name } = yield* started(declare())
      const before = vm.transcript.length
      const plan = Option.getOrThrow(yield* preview(defaultSettings))
      assert.deepStrictEqual([Option.getOrThrow(plan.containers[0]!.kept).name, plan.provisional], [name, true])
      assert.deepStrictEqual(
        plan.steps.map(({ id }) => id),
        ["pull registry.example/app:1"]
      )
      assert.deepStrictEqual(yield* changes(before), [])
    })
  )

  test(
    "a start that failed is held back for its image, by whichever digest that comes, and for no other",
    cannotAsk,
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        const { name } = yield* started(declare())
        const broken = { ...dead, reference: app.reference, content: "broken" }
        vm.publish({ ...broken, digest: digest("c") })
        assert.strictEqual((yield* refused(declare()))._tag, "ContainerFailed")
        for (const letter of ["c", "d"]) {
          vm.publish({ ...broken, digest: digest(letter) })
          const before = vm.transcript.length
          assert.strictEqual((yield* refused(declare()))._tag, "StartHeldBack")
          assert.deepStrictEqual(yield* changes(before), ["docker pull"])
        }
        vm.publish(version("e"))
        yield* started(declare())
        assert.deepStrictEqual([yield* running, (yield* image).is], [[name], digest("e")])
      })
  )

  test("a job that has ended is not done again", cannotAsk, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.publish({ ...version("c"), behaviour: { _tag: "Exits", afterMillis: 100, exitCode: 0 } })
      const job = declare({}, { restartPolicy: "OnFailure" })
      yield* started(job)
      const starts = vm.engine.containers[0]?.starts.length
      assert.isTrue((yield* started(job)).kept)
      assert.strictEqual(vm.engine.containers[0]?.starts.length, starts)
    })
  )
})

describe("an index that was made anew of the same image", () => {
  test(
    "the container stays where the engine holds it, whatever its label says",
    { images: [{ ...version("a"), content: "one" }] },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        yield* started(declare())
        const { id } = yield* image
        vm.publish({ ...version("b"), content: "one" })
        // A run without the question pulls it; the image is the same.
        vm.setFaults(({ name }) => (name === "docker resolve digest" ? "fail" : undefined))
        assert.isTrue((yield* started(declare())).kept)
        vm.setFaults(undefined)
        assert.isTrue((yield* started(declare())).kept)
        assert.strictEqual((yield* image).id, id)
        // Of the two digests that it has now, no new container claims either where the registry cannot say.
        yield* vm.reboot
        vm.setFaults(({ name }) => (/^docker (resolve digest|pull)$/.test(name) ? "fail" : undefined))
        const report = yield* started(declare())
        assert.lengthOf(report.degraded, 1)
        assert.deepStrictEqual([(yield* image).label, report.digest], [undefined, Option.none()])
        vm.setFaults(undefined)
        assert.isTrue((yield* started(declare())).kept)
      })
  )
})

describe("a declaration by digest", () => {
  const pinned = `registry.example/app@${digest("a")}`
  test("is pulled, kept and needs no question", { images: [{ reference: pinned }] }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const report = yield* boot(declare({ image: pinned }))
      assert.strictEqual(report._tag, "Running")
      assert.deepStrictEqual(yield* image, { is: digest("a"), label: digest("a"), id: vm.engine.containers[0]?.id })
      assert.isTrue((yield* started(declare({ image: pinned }))).kept)
      const names = vm.transcript.map(({ name }) => name)
      assert.notIncludeMembers(names, ["docker resolve digest", "docker tag image"])
      assert.isTrue((yield* started(declare({ image: pinned }))).kept)
    })
  )
})
