import { assert, describe, it } from "@effect/vitest"
import { problemsOf, saidOf, workloadOf } from "./Declared.ts"

const web = (resources: unknown) => ({ containers: [{ name: "web", image: "nginx", resources }] })
const resourcesOf = (resources: object) => workloadOf(web(resources)).containers[0].resources

describe("resources", () => {
  it("come to what Kubernetes takes them for, requests to the limits", () => {
    assert.deepStrictEqual(resourcesOf({ limits: { cpu: "1.5", memory: "1.5Gi" }, requests: { cpu: "250m" } }), {
      limits: { cpuMillis: 1500, memoryBytes: 1_610_612_736 },
      requests: { cpuMillis: 250, memoryBytes: 1_610_612_736 }
    })
    assert.deepStrictEqual(resourcesOf({ requests: { cpu: "0.0001", memory: "1e9" } }), {
      limits: {},
      requests: { cpuMillis: 1, memoryBytes: 1_000_000_000 }
    })
    assert.deepStrictEqual(resourcesOf({ limits: { cpu: 2, memory: 128_974_848 } })?.limits, {
      cpuMillis: 2000,
      memoryBytes: 128_974_848
    })
    assert.deepStrictEqual(resourcesOf({ limits: { "nvidia.com/gpu": 2 } }), {
      limits: { gpus: 2 },
      requests: { gpus: 2 }
    })
    for (const nothing of [{}, { limits: {} }, { limits: null, requests: null }, null]) {
      assert.isUndefined(resourcesOf(nothing as object))
    }
  })

  it("of nothing are no limit", () => {
    assert.deepStrictEqual(resourcesOf({ limits: { cpu: 0, memory: "0" } }), {
      limits: {},
      requests: { cpuMillis: 0, memoryBytes: 0 }
    })
  })

  it("are refused where the amount is none, with what was most likely meant", () => {
    assert.deepStrictEqual(problemsOf(web({ limits: { memory: "512MB" } })), [
      [
        'spec.containers[0].resources.limits.memory is not an amount as Kubernetes writes it: "512MB"',
        'Did you mean "512M"?'
      ]
    ])
    const said = (name: string, amount: unknown) => saidOf(web({ limits: { [name]: amount } }))
    assert.deepStrictEqual(said("memory", ""), ["QuantityInvalid"])
    assert.deepStrictEqual(said("memory", "-1Gi"), ["QuantityInvalid"])
    assert.deepStrictEqual(said("cpu", "-1"), ["QuantityInvalid"])
    assert.deepStrictEqual(said("cpu", "two"), ["QuantityInvalid"])
    assert.deepStrictEqual(said("memory", "1Ei"), ["QuantityInvalid"])
    assert.deepStrictEqual(said("nvidia.com/gpu", "500m"), ["QuantityInvalid"])
    assert.deepStrictEqual(said("nvidia.com/gpu", "1000m"), [])
    assert.deepStrictEqual(said("memory", "${MEMORY}"), ["PlaceholderLeft"])
    assert.deepStrictEqual(said("memory", []), ["ValueTypeInvalid"])
    assert.deepStrictEqual(saidOf(web({ limits: "1Gi" })), ["ValueTypeInvalid"])
  })

  it("warn of a memory in thousandths of a byte, and refuse less than the engine takes", () => {
    assert.deepStrictEqual(problemsOf(web({ limits: { memory: "500m" } })), [
      [
        "spec.containers[0].resources.limits.memory is 500m, 1 byte, and no container can have less than 6 MiB (6Mi)",
        '"m" is a thousandth: write "500M" for millions of bytes, or "500Mi".'
      ]
    ])
    assert.deepStrictEqual(problemsOf(web({ limits: { memory: "512" } })), [
      [
        "spec.containers[0].resources.limits.memory is 512, 512 bytes, and no container can have less than 6 MiB (6Mi)",
        'Without a unit it is bytes: write "512M" for millions of bytes, or "512Mi".'
      ]
    ])
    assert.deepStrictEqual(saidOf(web({ requests: { memory: "500m" } })), ["(MemoryInThousandths)"])
    assert.deepStrictEqual(saidOf(web({ limits: { memory: "6Mi" } })), [])
    assert.deepStrictEqual(saidOf(web({ limits: { memory: 6_291_455 } })), ["MemoryLimitTooSmall"])
  })

  it("are not requested above the limit, and what cannot be shared is requested to it", () => {
    const said = (limits: object, requests: object) => saidOf(web({ limits, requests }))
    assert.deepStrictEqual(problemsOf(web({ limits: { cpu: "500m" }, requests: { cpu: "0.6" } })), [
      [
        "spec.containers[0].resources.requests.cpu, 0.6, is above the limit of 500m",
        "Raise the limit, or lower the request."
      ]
    ])
    assert.deepStrictEqual(said({ cpu: "500m" }, { cpu: "0.5" }), [])
    assert.deepStrictEqual(said({ memory: "1Gi" }, { memory: "1025Mi" }), ["RequestInvalid"])
    assert.deepStrictEqual(said({ "nvidia.com/gpu": 2 }, { "nvidia.com/gpu": 1 }), ["RequestInvalid"])
    assert.deepStrictEqual(said({}, { "nvidia.com/gpu": 1 }), ["RequestInvalid"])
    assert.deepStrictEqual(said({ "nvidia.com/gpu": 1 }, { "nvidia.com/gpu": 1 }), [])
    // The limit is the one problem that there is.
    assert.deepStrictEqual(said({ cpu: "x" }, { cpu: "1" }), ["QuantityInvalid"])
  })

  it("are only those that something here gives", () => {
    const said = (name: string) => saidOf(web({ limits: { [name]: "1" } }))
    assert.deepStrictEqual(problemsOf(web({ limits: { "nvidia.com/gpus": 1 } })), [
      [
        'spec.containers[0].resources.limits names "nvidia.com/gpus", and no device plugin is on the VM that would give it',
        'Did you mean "nvidia.com/gpu"?'
      ]
    ])
    for (const name of ["amd.com/gpu", "example.com/dongle", "mem", "cpus", "storage"]) {
      assert.deepStrictEqual(said(name), ["ResourceUnknown"], name)
    }
    for (const name of ["ephemeral-storage", "hugepages-2Mi"]) {
      assert.deepStrictEqual(said(name), ["(ResourceNotEnforced)"], name)
    }
  })

  it("that are wrong are only warned of under konlet's key, where they have no effect", () => {
    const spec = web({ limits: { cpu: "x", memory: "1Gi", dongles: 1 } })
    assert.deepStrictEqual(saidOf(spec, "konlet"), ["(Tolerated)", "(Tolerated)"])
    assert.deepStrictEqual(workloadOf(spec, "konlet").containers[0].resources, {
      limits: { memoryBytes: 2 ** 30 },
      requests: { memoryBytes: 2 ** 30 }
    })
  })

  it("that weigh less than a container's without any are warned of", () => {
    const log = { name: "log", image: "fluentd" }
    const both = (cpu: string, other: object) => ({
      containers: [
        { name: "web", image: "nginx", resources: { requests: { cpu } } },
        { ...log, ...other }
      ]
    })
    assert.deepStrictEqual(saidOf(both("500m", {})), ["(CpuRequestOutweighed)"])
    assert.deepStrictEqual(saidOf(both("1", {})), [])
    assert.deepStrictEqual(saidOf(both("500m", { resources: { limits: { cpu: "100m" } } })), [])
  })
})
