import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { app, changes, other, refused, running, secret, startedPod, test } from "./SimulatedBoot.ts"

/** A Pod with a network of its own. */
const pod = (containers: ReadonlyArray<Record<string, unknown>>, rest: Record<string, unknown> = {}): string =>
  JSON.stringify({
    spec: {
      hostNetwork: false,
      containers: containers.map((container) => ({ env: [{ name: "PASSWORD", value: secret }], ...container })),
      ...rest
    }
  })
const web = { name: "web", image: app.reference, ports: [{ containerPort: 80, hostPort: 8080 }] }
const worker = { name: "worker", image: app.reference }

const specs = Effect.map(SimulatedVm, ({ engine }) =>
  Object.fromEntries(engine.containers.map(({ spec, id }) => [spec.labels["slipway.container"] ?? "", { ...spec, id }]))
)

describe("a Pod with a network of its own", () => {
  test("of one container: its ports are published on it, and a second run has nothing to do", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* startedPod(pod([web], { hostname: "shop", hostAliases: [{ ip: "10.0.0.7", hostnames: ["db"] }] }))
      const { web: spec } = yield* specs
      assert.deepInclude(spec, {
        networkMode: { _tag: "Network", name: "slipway" },
        hostname: "shop",
        extraHosts: [{ name: "db", address: "10.0.0.7" }],
        ports: [{ containerPort: 80, hostPort: 8080, protocol: "tcp" }]
      })
      const before = vm.transcript.length
      yield* startedPod(pod([web], { hostname: "shop", hostAliases: [{ ip: "10.0.0.7", hostnames: ["db"] }] }))
      assert.deepStrictEqual(yield* changes(before), [])
    })
  )

  test("of several: a sandbox has the ports, the others join it, and a second run has nothing to do", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const { containers } = yield* startedPod(pod([web, worker], { hostname: "shop" }))
      assert.deepStrictEqual(
        containers.map(({ role, status }) => [role, status]),
        [
          ["sandbox", "running"],
          ["main", "running"],
          ["main", "running"]
        ]
      )
      const found = yield* specs
      assert.deepInclude(found["pod.sandbox"], {
        hostname: "shop",
        stopSignal: "SIGKILL",
        ports: [{ containerPort: 80, hostPort: 8080, protocol: "tcp" }]
      })
      for (const name of ["web", "worker"]) {
        assert.deepInclude(found[name], {
          networkMode: { _tag: "Container", id: found["pod.sandbox"]!.id }
        })
        assert.notProperty(found[name], "ports")
      }
      const before = vm.transcript.length
      yield* startedPod(pod([web, worker], { hostname: "shop" }))
      assert.deepStrictEqual(yield* changes(before), [])
    })
  )

  test("one of several that has changed is replaced alone; another port replaces all", {}, () =>
    Effect.gen(function* () {
      yield* startedPod(pod([web, worker]))
      const first = yield* specs
      yield* startedPod(pod([web, { ...worker, tty: true }]))
      const second = yield* specs
      assert.strictEqual(second["web"]!.id, first["web"]!.id)
      assert.strictEqual(second["pod.sandbox"]!.id, first["pod.sandbox"]!.id)
      assert.notStrictEqual(second["worker"]!.id, first["worker"]!.id)
      yield* startedPod(
        pod([
          { ...web, ports: [{ containerPort: 80, hostPort: 9090 }] },
          { ...worker, tty: true }
        ])
      )
      const third = yield* specs
      for (const name of ["web", "worker", "pod.sandbox"]) assert.notStrictEqual(third[name]!.id, second[name]!.id)
      assert.lengthOf(yield* running, 3)
    })
  )

  test("a sandbox that has gone is made anew, and all that joined it", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* startedPod(pod([web, worker]))
      const first = yield* specs
      vm.engine.containers.find(({ id }) => id === first["pod.sandbox"]!.id)!.status = "exited"
      yield* startedPod(pod([web, worker]))
      const second = yield* specs
      for (const name of ["web", "worker", "pod.sandbox"]) assert.notStrictEqual(second[name]!.id, first[name]!.id)
      assert.lengthOf(yield* running, 3)
    })
  )

  test(
    "a port that another container has is said before anything is stopped",
    {
      images: [{ ...app, local: true }],
      networks: [{ name: "shop", labels: {} }],
      containers: [
        {
          name: "somebody",
          image: app.reference,
          networkMode: { _tag: "Network", name: "shop" },
          ports: [{ containerPort: 80, hostPort: 9090, protocol: "tcp" }]
        }
      ]
    },
    () =>
      Effect.gen(function* () {
        const vm = yield* SimulatedVm
        yield* startedPod(pod([web]))
        const before = vm.transcript.length
        const failure = yield* refused(pod([{ ...web, ports: [{ containerPort: 80, hostPort: 9090 }] }]))
        assert.strictEqual(failure._tag, "PlanRefused")
        assert.match(
          failure.message,
          /^9090\/tcp of the host, which the container web is to have, is taken: .*somebody/
        )
        assert.deepStrictEqual(yield* changes(before), [])
      })
  )

  test("if one does not come up, all come back on the network that they had", { images: [app, other] }, () =>
    Effect.gen(function* () {
      yield* startedPod(pod([web, worker]))
      const first = yield* specs
      const failure = yield* refused(
        pod([
          { ...web, ports: [] },
          { ...worker, image: "registry.example/none:1" }
        ])
      )
      assert.strictEqual(failure._tag, "DockerError")
      const second = yield* specs
      for (const name of ["web", "worker", "pod.sandbox"]) assert.strictEqual(second[name]!.id, first[name]!.id)
      assert.lengthOf(yield* running, 3)
    })
  )

  test(
    "a network of the same name that is not ours is not joined",
    { networks: [{ name: "slipway", labels: {} }] },
    () =>
      Effect.gen(function* () {
        const failure = yield* refused(pod([web]))
        assert.match(failure.message, /create network slipway: .*already exists/)
        assert.deepStrictEqual(yield* running, [])
      })
  )
})
