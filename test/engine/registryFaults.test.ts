import { assert, describe, layer } from "@effect/vitest"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { inject } from "vitest"
import { Deadlines } from "../../src/timing/Deadlines.ts"
import { type Call, type Fault, type FaultProxy, makeFaultProxy } from "./FaultProxy.ts"
import { patientDeadlines, withHastenedClock } from "./HastenedClock.ts"
import { bench, boot, clear, layerVm, Vm } from "./Vm.ts"

/** The proxy in front of the open registry. */
class Registry extends Context.Service<Registry, FaultProxy>()("slipway/test/Registry") {}
const registry = Layer.effect(
  Registry,
  Effect.suspend(() => {
    const [host = "", port] = bench().registry.split(":")
    return makeFaultProxy({ host, port: Number(port) })
  })
)

/** Boots an image that the engine does not hold, from the registry behind the proxy. */
const bootFrom = Effect.fnUntraced(function* (faultOf: (call: Call) => Fault | undefined) {
  const vm = yield* Vm
  const proxy = yield* Registry
  yield* clear
  yield* vm.docker("system", "prune", "--all", "--force")
  proxy.follow(faultOf)
  const declaration = { spec: { containers: [{ name: "web", image: `${proxy.address}/big:1` }] } }
  const exit = yield* boot(JSON.stringify(declaration), { confirm: Duration.seconds(1) }).pipe(
    Effect.provideService(Deadlines, patientDeadlines),
    withHastenedClock(proxy),
    Effect.exit
  )
  const { calls } = proxy
  proxy.follow()
  return { exit, calls, names: yield* vm.containers }
})

/** Faults for the first so many calls that are meant. */
const first = (count: number, is: (call: Call) => boolean, fault: Fault) => {
  let left = count
  return (call: Call): Fault | undefined => (is(call) && left-- > 0 ? fault : undefined)
}
const any = () => true
const ofManifest = ({ path }: Call): boolean => path.includes("/manifests/")
const ofBlob = ({ path }: Call): boolean => path.includes("/blobs/")

describe.skipIf(inject("bench") === undefined)("faults of a real registry", () => {
  layer(Layer.provideMerge(registry, layerVm), { excludeTestServices: true })((it) => {
    const passing: ReadonlyArray<readonly [what: string, faultOf: () => (call: Call) => Fault | undefined]> = [
      ["500, six times", () => first(6, any, { _tag: "Status", code: 500 })],
      ["503, to four manifests", () => first(4, ofManifest, { _tag: "Status", code: 503 })],
      ["429, four times", () => first(4, any, { _tag: "Status", code: 429, body: tooMany })],
      ["connections that break, four times", () => first(4, any, { _tag: "Reset" })],
      ["a manifest that does not come", () => first(2, ofManifest, { _tag: "Hang" })],
      ["a manifest that is cut off", () => first(2, ofManifest, { _tag: "Truncated", bytes: 100 })],
      ["a layer that stops half-way", () => first(1, ofBlob, { _tag: "Stalled", bytes: 300 })],
      ["a layer that is cut off", () => first(1, ofBlob, { _tag: "Truncated", bytes: 300 })],
      ["a layer that fails with 500", () => first(2, ofBlob, { _tag: "Status", code: 500 })]
    ]
    for (const [what, faultOf] of passing) {
      it.effect(`${what}: it is tried again, and the container runs`, () =>
        Effect.gen(function* () {
          const { exit, names } = yield* bootFrom(faultOf())
          assert.isTrue(Exit.isSuccess(exit), JSON.stringify(exit))
          assert.lengthOf(names, 1)
        })
      )
    }

    const final: ReadonlyArray<readonly [code: number, reason: string, body: string]> = [
      [404, "ImageNotFound", notThere],
      [401, "ImageAccessDenied", unauthorized],
      [403, "ImageAccessDenied", denied]
    ]
    for (const [code, reason, body] of final) {
      it.effect(`${code} to a manifest is final at once: ${reason}`, () =>
        Effect.gen(function* () {
          const { exit, calls, names } = yield* bootFrom((call) =>
            ofManifest(call) ? { _tag: "Status", code, body } : undefined
          )
          assert.isTrue(Exit.isFailure(exit))
          assert.include(JSON.stringify(exit), `"${reason}"`)
          // Once to resolve it, once to pull it and, with containerd's store, once for the registry's words; the engine
          // asks by HEAD and by GET.
          assert.isAtMost(calls.filter(ofManifest).length, 6)
          assert.deepStrictEqual(names, [])
        })
      )
    }

    it.effect("a registry that never recovers: the run ends", () =>
      Effect.gen(function* () {
        const { exit, names } = yield* bootFrom(() => ({ _tag: "Status", code: 500 }))
        assert.isTrue(Exit.isFailure(exit))
        assert.include(JSON.stringify(exit), '"RegistryFailed"')
        assert.deepStrictEqual(names, [])
      })
    )
  })
})

const errors = (code: string, message: string) => JSON.stringify({ errors: [{ code, message }] })
const tooMany = errors("TOOMANYREQUESTS", "too many requests")
const notThere = errors("MANIFEST_UNKNOWN", "manifest unknown")
const unauthorized = errors("UNAUTHORIZED", "authentication required")
const denied = errors("DENIED", "requested access to the resource is denied")
