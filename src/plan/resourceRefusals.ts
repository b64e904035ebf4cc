import type { Observation } from "../observation/Observation.ts"
import type { Workload } from "../workload/Workload.ts"
import { named } from "../text/named.ts"
import type { Fate } from "./comparison.ts"
import { gpuNumbers } from "./containerResources.ts"
import { CpuLimitUnavailable, GpuUnavailable } from "./ResourceRefusal.ts"

/** What the new containers may not have of the VM. */
export const resourceRefusals = (
  workload: Workload,
  { engineFacts, gpus }: Observation,
  created: ReadonlyArray<Fate>
): ReadonlyArray<CpuLimitUnavailable | GpuUnavailable> => {
  const containers = created.map(({ member }) => member.container)
  const cpu = containers.flatMap(({ name, resources }) => {
    const { cpuMillis } = resources?.limits ?? {}
    if (cpuMillis === undefined || engineFacts === undefined) return []
    const cpus = engineFacts.unlimited.includes("cpu") ? 0 : engineFacts.cpus
    return cpuMillis > cpus * 1000 ? [new CpuLimitUnavailable({ container: name, cpuMillis, cpus })] : []
  })
  if (gpus === undefined || !containers.some(({ resources }) => (resources?.limits.gpus ?? 0) > 0)) return cpu
  const { needed } = gpuNumbers(workload)
  const { devices, hasHook } = gpus
  const isGiven =
    hasHook ||
    engineFacts?.runtimes.includes("nvidia") === true ||
    engineFacts?.cdiDevices.some((device) => device.startsWith("nvidia.com/gpu=")) === true
  return [
    ...cpu,
    ...(needed > devices ? [new GpuUnavailable({ needed, devices, why: "too few" })] : []),
    ...(isGiven ? [] : [new GpuUnavailable({ needed, devices, why: "engine" })])
  ]
}

/** What limits memory only in words. */
export const resourceWarnings = ({ engineFacts }: Observation, created: ReadonlyArray<Fate>): ReadonlyArray<string> =>
  created.flatMap(({ member }) => {
    const { name, resources } = member.container
    const { memoryBytes } = resources?.limits ?? {}
    if (memoryBytes === undefined || engineFacts === undefined) return []
    if (engineFacts.unlimited.includes("memory")) {
      return [`the memory of the container ${named(name)}is not limited: the VM's kernel cannot limit it`]
    }
    return memoryBytes > engineFacts.memoryBytes
      ? [
          `the container ${named(name)}may use ${mib(memoryBytes)} of memory, but the VM has ${mib(engineFacts.memoryBytes)}: the limit comes to nothing`
        ]
      : []
  })

const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`
