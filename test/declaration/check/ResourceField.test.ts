import { assert, describe, it } from "@effect/vitest"
import { decodeSpec, saidOf } from "./Declared.ts"
import * as Result from "effect/Result"
import { resolveWorkload } from "../../../src/resolution/resolveWorkload.ts"
import { divideResource } from "../../../src/workload/divideResource.ts"
import type { ValueSource } from "../../../src/workload/ValueSource.ts"

const spec = (reference: object, resources: object = {}, others: ReadonlyArray<object> = []) => ({
  containers: [
    { name: "web", image: "nginx", resources, env: [{ name: "A", valueFrom: { resourceFieldRef: reference } }] },
    ...others
  ]
})

/** A VM of four cpus and 15 GB. */
const capacity = (source: ValueSource) =>
  source._tag === "Capacity"
    ? { value: divideResource({ cpu: 4000, memory: 15_000_000_000 }[source.resource], source.divisor) }
    : undefined

const valueOf = (...args: Parameters<typeof spec>): string | undefined =>
  resolveWorkload(Result.getOrThrow(decodeSpec(spec(...args))).workload, capacity).containers[0].env[0]?.value

describe("a resourceFieldRef", () => {
  const limits = { cpu: "1500m", memory: "1.5Gi", "ephemeral-storage": "1G" }
  const cases: ReadonlyArray<readonly [resource: string, divisor: string | undefined, value: string]> = [
    // Rounded up to whole units.
    ["limits.cpu", undefined, "2"],
    ["limits.cpu", "0", "2"],
    ["limits.cpu", "1", "2"],
    ["limits.cpu", "1m", "1500"],
    ["limits.cpu", "0.001", "1500"],
    ["limits.memory", undefined, "1610612736"],
    ["limits.memory", "1Mi", "1536"],
    ["limits.memory", "1Gi", "2"],
    ["limits.memory", "1M", "1611"],
    ["limits.memory", "1E", "1"],
    ["limits.ephemeral-storage", "1k", "1000000"],
    // What is limited and not requested is requested.
    ["requests.cpu", "1m", "1500"],
    ["requests.hugepages-2Mi", "1", "0"]
  ]
  for (const [resource, divisor, value] of cases) {
    it(`${resource} in ${divisor ?? "ones"} is ${value}`, () => {
      assert.strictEqual(valueOf({ resource, divisor }, { limits }), value)
    })
  }

  it("is what is requested, else nothing", () => {
    assert.strictEqual(valueOf({ resource: "requests.memory" }, { requests: { memory: "64Mi" } }), "67108864")
    assert.strictEqual(valueOf({ resource: "requests.cpu" }), "0")
  })

  it("is what the VM has where there is no limit, or one of nothing", () => {
    for (const limits of [{}, { cpu: "0" }]) {
      assert.strictEqual(valueOf({ resource: "limits.cpu" }, { limits }), "4")
      assert.strictEqual(valueOf({ resource: "limits.cpu", divisor: "1m" }, { limits }), "4000")
      assert.strictEqual(valueOf({ resource: "limits.memory", divisor: "1Gi" }, { limits }), "14")
    }
  })

  it("may be another container's", () => {
    const other = { name: "db", image: "nginx", resources: { limits: { cpu: 3 } } }
    assert.strictEqual(valueOf({ resource: "limits.cpu", containerName: "db" }, { limits }, [other]), "3")
    assert.strictEqual(valueOf({ resource: "limits.cpu", containerName: "web" }, { limits }, [other]), "2")
  })

  it("is refused for what Kubernetes would refuse, and for what the VM does not tell", () => {
    const wrong: ReadonlyArray<object> = [
      {},
      { resource: "limits" },
      { resource: "limits.nvidia.com/gpu" },
      { resource: "limits.cpu", divisor: "1Mi" },
      { resource: "limits.memory", divisor: "1m" },
      { resource: "limits.memory", divisor: "x" },
      { resource: "limits.memory", divisor: "2" },
      { resource: "limits.cpu", containerName: "nobody" }
    ]
    for (const reference of wrong) {
      assert.deepEqual(saidOf(spec(reference)), ["ResourceFieldInvalid"], JSON.stringify(reference))
      assert.deepEqual(saidOf(spec(reference), "konlet"), ["(Tolerated)"])
    }
    assert.deepEqual(saidOf(spec({ resource: "limits.ephemeral-storage" })), ["ResourceFieldUnlimited"])
  })

  it("says nothing of an amount that is wrong itself", () => {
    assert.deepEqual(saidOf(spec({ resource: "limits.cpu" }, { limits: { cpu: "many" } })), ["QuantityInvalid"])
  })
})
