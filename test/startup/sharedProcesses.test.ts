import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { app, changes, refused, running, startedPod, test } from "./SimulatedBoot.ts"

const web = { name: "web", image: app.reference }
const worker = { name: "worker", image: app.reference }
const proxy = { name: "proxy", image: app.reference, restartPolicy: "Always" }
const pod = (containers: ReadonlyArray<object>, rest: object = {}): string =>
  JSON.stringify({ spec: { shareProcessNamespace: true, containers, ...rest } })

const found = Effect.map(SimulatedVm, ({ engine }) =>
  Object.fromEntries(engine.containers.map((one) => [one.spec.labels["slipway.container"] ?? "", one]))
)

describe("containers that share their processes", () => {
  test("join a sandbox that reaps, on the host's network, and a second run has nothing to do", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const declaration = pod([web, worker], { initContainers: [proxy] })
      yield* startedPod(declaration)
      const { "pod.sandbox": sandbox, ...others } = yield* found
      assert.deepInclude(sandbox?.spec, {
        image: "localhost/slipway/sandbox:2",
        networkMode: "host",
        stopSignal: "SIGKILL"
      })
      assert.deepStrictEqual(sandbox?.spec.namespaces, { ipc: "shareable" })
      assert.sameMembers(Object.keys(others), ["proxy", "web", "worker"])
      for (const { spec } of Object.values(others)) {
        const joined = { _tag: "Container", id: sandbox!.id } as const
        assert.deepInclude(spec, { networkMode: "host", namespaces: { pid: joined, ipc: joined } })
      }
      assert.notInclude(
        vm.transcript.map(({ name }) => name),
        "docker create network"
      )
      const before = vm.transcript.length
      yield* startedPod(declaration)
      assert.deepStrictEqual(yield* changes(before), [])
    })
  )

  test("one that is alone has no sandbox", {}, () =>
    Effect.gen(function* () {
      yield* startedPod(pod([web]))
      assert.deepStrictEqual(Object.keys(yield* found), ["web"])
    })
  )

  test("on a network of their own share that too", {}, () =>
    Effect.gen(function* () {
      yield* startedPod(pod([web, worker], { hostNetwork: false }))
      const { "pod.sandbox": sandbox, web: one } = yield* found
      const joined = { _tag: "Container", id: sandbox!.id } as const
      assert.deepInclude(one?.spec, { networkMode: joined, namespaces: { pid: joined, ipc: joined } })
      assert.deepStrictEqual(sandbox?.spec.networkMode, { _tag: "Network", name: "slipway" })
    })
  )

  test("one that has changed is replaced alone, and joins the sandbox that is there", {}, () =>
    Effect.gen(function* () {
      yield* startedPod(pod([web, worker]))
      const first = yield* found
      yield* startedPod(pod([web, { ...worker, tty: true }]))
      const second = yield* found
      for (const name of ["pod.sandbox", "web"]) assert.strictEqual(second[name]!.id, first[name]!.id)
      assert.notStrictEqual(second["worker"]!.id, first["worker"]!.id)
      assert.deepStrictEqual(second["worker"]!.spec.namespaces?.pid, {
        _tag: "Container",
        id: first["pod.sandbox"]!.id
      })
      assert.lengthOf(yield* running, 3)
    })
  )

  test("are killed with their sandbox, and all are made anew", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* startedPod(pod([web, worker]))
      const first = yield* found
      const sandbox = first["pod.sandbox"]!
      sandbox.end(yield* vm.now, 137)
      assert.isFalse(first["web"]!.isUp)
      yield* startedPod(pod([web, worker]))
      const second = yield* found
      for (const name of ["web", "worker", "pod.sandbox"]) assert.notStrictEqual(second[name]!.id, first[name]!.id)
      assert.lengthOf(yield* running, 3)
    })
  )

  test("come back in the sandbox that they had, if another Pod does not come up", {}, () =>
    Effect.gen(function* () {
      yield* startedPod(pod([web, worker]))
      const first = yield* found
      const wrong = { ...worker, image: "registry.example/none:1" }
      yield* refused(JSON.stringify({ spec: { containers: [web, wrong] } }))
      yield* refused(pod([{ ...web, tty: true }, wrong], { hostNetwork: false }))
      const second = yield* found
      for (const name of ["web", "worker", "pod.sandbox"]) assert.strictEqual(second[name]!.id, first[name]!.id)
      assert.lengthOf(yield* running, 3)
    })
  )
})
