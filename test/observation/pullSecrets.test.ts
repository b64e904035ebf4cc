import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { makeRegistryAccess } from "../../src/observation/RegistryAccess.ts"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import type { VmDescription } from "../../src/simulation/VmDescription.ts"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import type { VmServices } from "../../src/vm/VmServices.ts"
import type { DockerConfig } from "../../src/workload/DockerConfig.ts"
import { parseImageReference } from "../../src/workload/ImageReference.ts"

const shop = { username: "shop", password: "hunter2" }
const own = "registry.example/team/app:1"
const googles = "europe-docker.pkg.dev/p/r/app:1"
const images: VmDescription["images"] = [
  { reference: own, logins: [shop] },
  { reference: googles, token: "ya29", logins: [shop] },
  { reference: "registry.example/open:1" }
]

const entry = (place: string, { username, password } = shop): DockerConfig[number] => ({
  place,
  credentials: { username, password: Redacted.make(password) }
})
const wrong = { username: "shop", password: "wrong" }

/** Asks for an image's digest with what these pull secrets have for it; gives also who was shown to the registry. */
const asked = Effect.fnUntraced(function* (reference: string, config: DockerConfig) {
  const docker = yield* DockerClient
  const image = Result.getOrThrow(parseImageReference(reference))
  const registryOf = yield* makeRegistryAccess([image], { token: Option.none() }, "metadata", Effect.succeed(config))
  const shown: Array<string | undefined> = []
  const registry = registryOf(image)
  yield* registry.ready
  const result = yield* Effect.result(
    registry.ask((credentials) => {
      shown.push(Option.getOrUndefined(credentials)?.username)
      return docker.resolveDigest(image, credentials)
    })
  )
  const { transcript } = yield* SimulatedVm
  return {
    reason: Result.isFailure(result) && result.failure._tag === "DockerError" ? result.failure.reason._tag : undefined,
    shown,
    tokens: transcript.filter(({ name }) => name === "metadata token").length
  }
})

const test = (name: string, body: () => Effect.Effect<void, unknown, SimulatedVm | VmServices>) =>
  it.effect(name, () =>
    Effect.suspend(body).pipe(Effect.provide(SimulatedVm.layer({ images, token: "ya29" })), runInVirtualTime)
  )

describe("credentials of imagePullSecrets", () => {
  test("are shown to their registry, and to no other", () =>
    Effect.gen(function* () {
      const config = [entry("registry.example/team")]
      assert.deepStrictEqual(yield* asked(own, config), { reason: undefined, shown: ["shop"], tokens: 0 })
      const open = yield* asked("registry.example/open:1", config)
      assert.deepStrictEqual(open, { reason: undefined, shown: [undefined], tokens: 0 })
      const none = yield* asked(own, [entry("else.example")])
      assert.deepStrictEqual(none, { reason: "ImageAccessDenied", shown: [undefined], tokens: 0 })
    }))

  test("are tried one after the other, the most specific first", () =>
    Effect.gen(function* () {
      const config = [entry("registry.example"), entry("registry.example/team", { ...wrong, username: "team" })]
      assert.deepStrictEqual((yield* asked(own, config)).shown, ["team", "shop"])
      const refused = yield* asked(own, [entry("registry.example", wrong)])
      assert.deepStrictEqual(refused, { reason: "ImageAccessDenied", shown: ["shop"], tokens: 0 })
      // What is no refusal would be the same with others.
      const vm = yield* SimulatedVm
      vm.setFaults(({ name }) => (name === "docker resolve digest" ? "fail" : undefined))
      assert.deepStrictEqual((yield* asked(own, config)).shown, ["team"])
    }))

  test("go before the VM's token, which is tried too", () =>
    Effect.gen(function* () {
      const right = yield* asked(googles, [entry("europe-docker.pkg.dev")])
      assert.deepStrictEqual(right.shown, ["shop"])
      const refused = yield* asked(googles, [entry("*-docker.pkg.dev", wrong)])
      assert.deepStrictEqual([refused.reason, refused.shown], [undefined, ["shop", "_token"]])
    }))
})
