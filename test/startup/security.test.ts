import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { app, changes, declare, other, refused, running, started, test } from "./SimulatedBoot.ts"

const numbered = { reference: "registry.example/numbered:1", user: "1000:1000" }
const named = { reference: "registry.example/named:1", user: "app" }
const images = [app, other, numbered, named]
const nonRoot = (image: string, more: object = {}) =>
  declare({ image, securityContext: { runAsNonRoot: true, ...more } })

describe("a container that is not to run as root", () => {
  test("starts from an image with the number of a user, or with a number of its own", { images }, () =>
    Effect.gen(function* () {
      yield* started(nonRoot(numbered.reference))
      yield* started(nonRoot(named.reference, { runAsUser: 1 }))
      yield* started(nonRoot(app.reference, { runAsUser: 2, runAsGroup: 3 }))
      const { engine } = yield* SimulatedVm
      assert.deepStrictEqual(engine.containers[0]?.spec.security, { user: { uid: 2, gid: 3 } })
    })
  )

  for (const [reference, why] of [
    [other.reference, "the image registry.example/app:2 runs as root"],
    [named.reference, 'the image registry.example/named:1 has the user "app", which may be root']
  ] as const) {
    test(`is refused before anything is stopped, once its image is there: ${reference}`, { images }, () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        yield* started(declare())
        const before = yield* running
        const since = vm.transcript.length
        const failure = yield* refused(nonRoot(reference))
        assert.strictEqual(failure._tag, "ImageUserRefused")
        assert.include(failure.message, why)
        assert.deepStrictEqual(
          (yield* changes(since)).filter((name) => /stop|rename|create|update|start/.test(name)),
          []
        )
        assert.deepStrictEqual(yield* running, before)
      })
    )

    test(
      `is refused by the plan, if its image is there: ${reference}`,
      { images: images.map((image) => ({ ...image, local: true })) },
      () =>
        Effect.gen(function* () {
          yield* started(declare())
          const failure = yield* refused(nonRoot(reference))
          assert.strictEqual(failure._tag, "PlanRefused")
          assert.include(failure.message, why)
          assert.lengthOf(yield* running, 1)
        })
    )
  }

  test("by the host's policy alike, which says so: an image's own user is no matter of a declaration", { images }, () =>
    Effect.gen(function* () {
      const policy = Option.some({ file: "host.yaml", runAsRoot: false })
      yield* started(declare())
      const before = yield* running
      const failure = yield* refused(declare({ image: other.reference }), { policy })
      assert.strictEqual(failure._tag, "ImageUserRefused")
      assert.include(failure.message, "is not to (the host's policy host.yaml)")
      assert.deepStrictEqual(yield* running, before)
      assert.include((yield* refused(declare(), { policy })).message, "is not to (the host's policy host.yaml)")
      yield* started(declare({ image: numbered.reference }), { policy })
      // It changes nothing of what is created.
      assert.deepStrictEqual((yield* started(declare({ image: numbered.reference }))).steps, [])
    })
  )

  test("is not kept as root either, although nothing of what it was created with has changed", { images }, () =>
    Effect.gen(function* () {
      yield* started(declare())
      const failure = yield* refused(declare({ securityContext: { runAsNonRoot: true } }))
      assert.strictEqual(failure._tag, "PlanRefused")
      assert.lengthOf(yield* running, 1)
      yield* started(declare({ image: numbered.reference }))
      const report = yield* started(nonRoot(numbered.reference))
      assert.deepStrictEqual(report.steps, [])
    })
  )
})
