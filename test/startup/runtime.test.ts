import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { app, changes, declare, dead, refused, started, startedPod, test } from "./SimulatedBoot.ts"

const withRunsc = { facts: { runtimes: ["runc", "io.containerd.runc.v2", "runsc"] } }
const runtimes = Effect.map(SimulatedVm, ({ engine }) =>
  engine.containers.map(({ spec }) => [spec.labels["slipway.role"] ?? "main", spec.runtime])
)
const pod = (runtimeClassName: string | undefined, web: string = app.reference) =>
  JSON.stringify({
    spec: {
      hostNetwork: false,
      runtimeClassName,
      initContainers: [{ name: "proxy", image: app.reference, restartPolicy: "Always" }],
      containers: [{ name: "web", image: web }]
    }
  })

describe("runtimeClassName", () => {
  test("is the runtime of all containers, the sandbox too; a change of it replaces them", withRunsc, () =>
    Effect.gen(function* () {
      yield* startedPod(pod(undefined))
      assert.sameDeepMembers(yield* runtimes, [
        ["main", undefined],
        ["sidecar", undefined],
        ["sandbox", undefined]
      ])
      for (const runtime of ["runsc", "runc", undefined]) {
        const { steps } = yield* startedPod(pod(runtime))
        const stopped = steps.filter(({ step }) => step.action._tag === "Stop")
        assert.deepStrictEqual(
          stopped.map(({ step }) => step.cause),
          Array.from({ length: 3 }, () => "its declaration has changed: runtimeClassName")
        )
        assert.deepStrictEqual(
          (yield* runtimes).map(([, name]) => name),
          [runtime, runtime, runtime]
        )
        assert.deepStrictEqual((yield* startedPod(pod(runtime))).steps, [])
      }
    })
  )

  test("of null or nothing is no change, and asks the engine nothing", withRunsc, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      const before = vm.transcript.length
      for (const runtimeClassName of ["", null]) yield* started(declare({}, { runtimeClassName }))
      assert.deepStrictEqual(yield* changes(before), [])
      assert.lengthOf(
        vm.transcript.filter(({ name }) => name === "docker info"),
        0
      )
    })
  )

  test("that the engine does not have is refused before anything is stopped", withRunsc, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* started(declare())
      const before = vm.transcript.length
      const failure = yield* refused(declare({ args: ["other"] }, { runtimeClassName: "runcs" }))
      assert.strictEqual(failure._tag, "PlanRefused")
      assert.include(
        failure.message,
        'the containers are to have the runtime "runcs", which the engine does not have. Did you mean "runc"? ' +
          "It has runc, io.containerd.runc.v2, runsc;"
      )
      assert.deepStrictEqual(yield* changes(before), [])
    })
  )

  test("of a container that does not come up: the old ones run again with theirs", withRunsc, () =>
    Effect.gen(function* () {
      yield* startedPod(pod("runc"))
      yield* refused(pod("runsc", dead.reference))
      assert.deepStrictEqual(
        (yield* runtimes).map(([, name]) => name),
        ["runc", "runc", "runc"]
      )
    })
  )

  test("is refused on Podman, which would run the containers with its own", { engine: "Podman" }, () =>
    Effect.gen(function* () {
      yield* started(declare())
      const failure = yield* refused(declare({}, { runtimeClassName: "runc" }))
      assert.strictEqual(failure._tag, "PlanRefused")
      assert.include(failure.message, "Podman's Docker API drops the name")
    })
  )
})
