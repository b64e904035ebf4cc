import type { ContainerSpec } from "../../vm/engine/ContainerSpec.ts"
import type { EngineFacts } from "../../vm/engine/EngineFacts.ts"
import { minimumMemory } from "../../workload/grantedResources.ts"
import type { SimulatedFiles } from "../host/SimulatedFiles.ts"

/** Why the engine does not create a container with these resources, in moby's words. */
export const resourcesRefused = ({ resources = {} }: ContainerSpec, { cpus }: EngineFacts): string | undefined => {
  const { nanoCpus = 0, memory, memoryReservation } = resources
  if (nanoCpus > cpus * 1e9) {
    return `range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`
  }
  if (memory !== undefined && memory < minimumMemory) return "Minimum memory limit allowed is 6MB"
  if (memoryReservation === undefined) return undefined
  if (memoryReservation < minimumMemory) return "Minimum memory reservation allowed is 6MB"
  return memory !== undefined && memory < memoryReservation
    ? "Minimum memory limit can not be less than memory reservation limit, see usage"
    : undefined
}

/** Why it does not start one with these GPUs. */
export const gpusRefused = (
  { resources }: ContainerSpec,
  { runtimes }: EngineFacts,
  files: SimulatedFiles
): string | undefined => {
  if (resources?.gpus === undefined) return undefined
  if (!runtimes.includes("nvidia")) return 'could not select device driver "nvidia" with capabilities: [[gpu]]'
  const last = resources.gpus.first + resources.gpus.count - 1
  return files.has(`/dev/nvidia${last}`)
    ? undefined
    : `failed to create shim task: OCI runtime create failed: nvidia-container-cli: device error: ${last}: unknown device: unknown`
}

/** How much memory a container can have. */
export const memoryOf = ({ resources }: ContainerSpec, { memoryBytes, unlimited }: EngineFacts): number =>
  Math.min(memoryBytes, (unlimited.includes("memory") ? undefined : resources?.memory) ?? Infinity)
