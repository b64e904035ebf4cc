import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { Call } from "../../src/simulation/Calls.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { declare, refused, running, started, test, token } from "../startup/SimulatedBoot.ts"

const image = "us-docker.pkg.dev/example/shop/web:1"
const fresh = `${token}-fresh`
const closed = { images: [{ reference: image, token }] }
const declaration = declare({ image })

/** From the first call of this name on, the registry takes only the fresh token, and metadata gives it. */
const expiringAt = (name: string) =>
  Effect.map(SimulatedVm, (vm) => {
    let expired = false
    vm.setFaults((call: Call) => {
      if (!expired && call.name === name) {
        expired = true
        vm.publish({ reference: image, token: fresh })
        vm.setToken(fresh)
      }
      return undefined
    })
  })

const asked = Effect.map(SimulatedVm, ({ transcript }) => ({
  tokens: transcript.filter(({ name }) => name === "metadata token").length,
  digests: transcript.filter(({ name }) => name === "docker resolve digest").length,
  pulls: transcript.filter(({ name }) => name === "docker pull").length
}))

describe("a token that expires while a run goes on", () => {
  test("before the question for the digest: a fresh one serves it and the pull", closed, () =>
    Effect.gen(function* () {
      yield* expiringAt("docker resolve digest")
      const report = yield* started(declaration)
      assert.deepStrictEqual(yield* running, [report.name])
      assert.isTrue(Option.isSome(report.digest))
      assert.deepStrictEqual(yield* asked, { tokens: 2, digests: 2, pulls: 1 })
    })
  )

  test("before the pull: it is asked for again, once, and the pull goes on", closed, () =>
    Effect.gen(function* () {
      yield* expiringAt("docker pull")
      const report = yield* started(declaration)
      assert.deepStrictEqual(yield* running, [report.name])
      assert.deepStrictEqual(yield* asked, { tokens: 2, digests: 1, pulls: 2 })
    })
  )

  test("a registry that refuses the fresh one too is final", closed, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.publish({ reference: image, token: "somebody else's" })
      const error = yield* refused(declaration)
      assert.strictEqual(error._tag === "DockerError" ? error.reason._tag : error._tag, "ImageAccessDenied")
      const { pulls, tokens } = yield* asked
      assert.isAtMost(pulls, 2)
      assert.isAtMost(tokens, 3)
    })
  )

  test("metadata that is away by then leaves the registry's own words", closed, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.publish({ reference: image, token: fresh })
      let tokens = 0
      vm.setFaults(({ name }) => (name === "metadata token" && tokens++ > 0 ? "fail" : undefined))
      const error = yield* refused(declaration)
      assert.strictEqual(error._tag === "DockerError" ? error.reason._tag : error._tag, "ImageAccessDenied")
    })
  )

  test("a token from the settings is not asked for, nor shown again", closed, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      vm.publish({ reference: image, token: fresh })
      yield* refused(declaration, { token: Option.some(Redacted.make(token)) })
      assert.deepStrictEqual(yield* asked, { tokens: 0, digests: 1, pulls: 1 })
    })
  )

  test("a VM without a service account has nothing to ask for again", { ...closed, token: null }, () =>
    Effect.gen(function* () {
      yield* refused(declaration)
      assert.deepStrictEqual(yield* asked, { tokens: 1, digests: 1, pulls: 1 })
    })
  )
})
