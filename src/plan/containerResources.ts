import type { EngineResources } from "../vm/engine/EngineResources.ts"
import { grantedResources } from "../workload/grantedResources.ts"
import type { Resources } from "../workload/Resources.ts"
import { allContainers, type Workload } from "../workload/Workload.ts"

/** A container's resources in the engine's units; undefined if the engine has none of them to know. */
export const containerResources = (declared: Resources, firstGpu: number): EngineResources | undefined => {
  const { cpuMillis, cpuShares, memoryBytes, reservationBytes, gpus } = grantedResources(declared)
  const resources: EngineResources = {
    ...(cpuMillis === undefined ? {} : { nanoCpus: cpuMillis * 1e6 }),
    ...(cpuShares === undefined ? {} : { cpuShares }),
    ...(memoryBytes === undefined ? {} : { memory: memoryBytes }),
    ...(reservationBytes === undefined ? {} : { memoryReservation: reservationBytes }),
    ...(gpus === undefined ? {} : { gpus: { first: firstGpu, count: gpus } })
  }
  return Object.keys(resources).length === 0 ? undefined : resources
}

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
