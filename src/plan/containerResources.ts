import { type EngineResources, minimumMemory } from "../vm/engine/EngineResources.ts"
import type { Resources } from "../workload/Resources.ts"
import { allContainers, type Workload } from "../workload/Workload.ts"

/** A container's resources in the engine's units; undefined if the engine has none of them to know. */
export const containerResources = ({ limits, requests }: Resources, firstGpu: number): EngineResources | undefined => {
  const { cpuMillis, memoryBytes, gpus = 0 } = limits
  // A request of none is the limit, too. Source: kubelet's calculateLinuxResources.
  const weight = requests.cpuMillis || (cpuMillis ?? requests.cpuMillis)
  const resources: EngineResources = {
    ...(cpuMillis === undefined ? {} : { nanoCpus: Math.max(cpuMillis, minimumCpuMillis) * 1e6 }),
    ...(weight === undefined ? {} : { cpuShares: cpuShares(weight) }),
    ...(memoryBytes === undefined ? {} : { memory: memoryBytes }),
    // The engine takes no smaller reservation. To Kubernetes a request is a matter of scheduling, whatever its size.
    ...(requests.memoryBytes ? { memoryReservation: Math.max(requests.memoryBytes, minimumMemory) } : {}),
    ...(gpus === 0 ? {} : { gpus: { first: firstGpu, count: gpus } })
  }
  return Object.keys(resources).length === 0 ? undefined : resources
}

/** The kernel's least quota is 1 ms in 100. Source: kubelet's MilliCPUToQuota. */
const minimumCpuMillis = 10

/** Source: kubelet's MilliCPUToShares. */
const cpuShares = (millis: number): number => Math.min(Math.max(Math.floor((millis * 1024) / 1000), 2), 262_144)

/** Which GPUs the containers get: each its own, while they run side by side. */
export interface GpuNumbers {
  /** Of each container the number of its first one. */
  readonly firstOf: ReadonlyMap<string, number>
  /** How many there have to be. */
  readonly needed: number
}

/** An init container has those that come after the sidecars' before it, and leaves them to the containers. */
export const gpuNumbers = (workload: Workload): GpuNumbers => {
  const firstOf = new Map<string, number>()
  let taken = 0
  let needed = 0
  for (const container of allContainers(workload)) {
    const { gpus = 0 } = container.resources?.limits ?? {}
    firstOf.set(container.name, taken)
    needed = Math.max(needed, taken + gpus)
    if (!("isSidecar" in container) || container.isSidecar === true) taken += gpus
  }
  return { firstOf, needed }
}
