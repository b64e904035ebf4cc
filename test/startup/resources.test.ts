import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { boot, changes, declare, startedPod, test } from "./SimulatedBoot.ts"

const spec = Effect.map(SimulatedVm, ({ engine }) => engine.containers[0]?.spec)
const limited = (limits: object, requests: object = {}) => declare({ resources: { limits, requests } })
const pod = (...gpus: ReadonlyArray<number>) =>
  JSON.stringify({
    spec: {
      containers: gpus.map((count, index) => ({
        name: `c${index}`,
        image: "registry.example/app:1",
        resources: { limits: { "nvidia.com/gpu": count } }
      }))
    }
  })
const withRuntime = { facts: { runtimes: ["runc", "nvidia"] } }
const refusalOf = (declaration: string) =>
  Effect.map(Effect.flip(boot(declaration)), (error) => {
    assert.strictEqual(error._tag, "PlanRefused")
    return error.message
  })

describe("resources", () => {
  test("are the engine's: limits, weight and reservation; a second run has nothing to do", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const declaration = limited({ cpu: "1500m", memory: "1.5Gi" }, { cpu: "250m", memory: "512Mi" })
      yield* boot(declaration)
      assert.deepStrictEqual((yield* spec)?.resources, {
        nanoCpus: 1_500_000_000,
        cpuShares: 256,
        memory: 1_610_612_736,
        memoryReservation: 536_870_912
      })
      const before = vm.transcript.length
      yield* boot(declaration)
      assert.deepStrictEqual(yield* changes(before), [])
    })
  )

  test("follow Kubernetes where they are small, none, or left to the limit", {}, () =>
    Effect.gen(function* () {
      const resourcesOf = Effect.fnUntraced(function* (limits: object, requests: object) {
        yield* boot(limited(limits, requests))
        return (yield* spec)?.resources
      })
      assert.deepStrictEqual(yield* resourcesOf({ cpu: "1m" }, {}), { nanoCpus: 10_000_000, cpuShares: 2 })
      assert.deepStrictEqual(yield* resourcesOf({}, { cpu: 0 }), { cpuShares: 2 })
      assert.deepStrictEqual(yield* resourcesOf({ cpu: 2 }, { cpu: 0 }), { nanoCpus: 2e9, cpuShares: 2048 })
      assert.deepStrictEqual(yield* resourcesOf({}, { cpu: 1000, memory: "1Ki" }), {
        cpuShares: 262_144,
        memoryReservation: 6_291_456
      })
      assert.isUndefined(yield* resourcesOf({ memory: 0, "ephemeral-storage": "1Gi" }, {}))
    })
  )

  test("are asked of the engine's machine only where they are declared", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      const asked = () => vm.transcript.filter(({ name }) => name === "docker info").length
      yield* boot(declare())
      assert.strictEqual(asked(), 0)
      yield* boot(limited({ cpu: 1 }))
      assert.strictEqual(asked(), 1)
    })
  )

  test("that the VM does not have are refused before anything is stopped", {}, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* boot(declare())
      const before = vm.transcript.length
      assert.strictEqual(
        yield* refusalOf(limited({ cpu: "2.5" })),
        'the container "web" may use 2.5 cpus, but the VM has 2. Lower the limit, or use a larger VM.'
      )
      assert.deepStrictEqual(yield* changes(before), [])
      const { warnings } = yield* startedPod(limited({ memory: "8Gi" }))
      assert.deepStrictEqual(warnings, [
        'the container "web" may use 8192 MiB of memory, but the VM has 4096 MiB: the limit comes to nothing'
      ])
    })
  )

  test("that the kernel cannot limit are refused, or warned of", { facts: { unlimited: ["cpu", "memory"] } }, () =>
    Effect.gen(function* () {
      assert.match(yield* refusalOf(limited({ cpu: 1 })), /limits its cpu, which the VM's kernel cannot/)
      const { warnings } = yield* startedPod(limited({ memory: "1Gi" }))
      assert.deepStrictEqual(warnings, [
        'the memory of the container "web" is not limited: the VM\'s kernel cannot limit it'
      ])
    })
  )

  test("GPUs: each container has its own", { ...withRuntime, gpus: 4 }, () =>
    Effect.gen(function* () {
      const vm = yield* SimulatedVm
      yield* boot(pod(1, 0, 3))
      const gpus = Object.fromEntries(
        vm.engine.containers.map(({ spec }) => [spec.labels["slipway.container"], spec.resources?.gpus])
      )
      assert.deepStrictEqual(gpus, { c0: { first: 0, count: 1 }, c1: undefined, c2: { first: 1, count: 3 } })
    })
  )

  test("GPUs: too few are refused", { ...withRuntime, gpus: 2 }, () =>
    Effect.gen(function* () {
      assert.strictEqual(
        yield* refusalOf(pod(2, 1)),
        "nvidia.com/gpu: 3 GPUs are wanted, but the VM has 2. Lower the limits, or attach more."
      )
    })
  )

  test("GPUs: a VM without any, whose engine has no driver for them either", {}, () =>
    Effect.gen(function* () {
      assert.deepStrictEqual((yield* refusalOf(pod(1))).split("\n"), [
        "nvidia.com/gpu: 1 GPU is wanted, but the VM shows none: there is no /dev/nvidia0. Attach a GPU, and install NVIDIA's driver.",
        "nvidia.com/gpu: 1 GPU is wanted, but the engine cannot give any to a container. Install the NVIDIA Container Toolkit, then run `nvidia-ctk runtime configure --runtime=docker` and `systemctl restart docker`."
      ])
    })
  )
})
