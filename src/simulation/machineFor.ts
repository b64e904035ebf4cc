import type { DeclaredContainer, DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import { allContainers } from "../workload/Workload.ts"
import { defaultFacts } from "./engine/simulatedFacts.ts"
import type { VmDescription } from "./VmDescription.ts"

/** A machine that has what containers ask for: cpus, GPUs with a runtime for them, their own runtime, log drivers. */
export const machineFor = (workload: DeclaredWorkload): Pick<VmDescription, "facts" | "gpus"> => {
  const containers = allContainers<DeclaredContainer>(workload)
  const limits = containers.map(({ resources }) => resources?.limits ?? {})
  const { cpus, memoryBytes, runtimes, logDrivers } = defaultFacts
  const gpus = limits.reduce((sum, { gpus = 0 }) => sum + gpus, 0)
  const own = workload.runtime === undefined ? [] : [workload.runtime]
  const drivers = containers.flatMap(({ logging }) => (logging === undefined ? [] : [logging.driver]))
  return {
    gpus,
    facts: {
      cpus: Math.max(cpus, ...limits.map(({ cpuMillis = 0 }) => Math.ceil(cpuMillis / 1000))),
      memoryBytes: Math.max(memoryBytes, ...limits.map(({ memoryBytes = 0 }) => memoryBytes)),
      runtimes: [...new Set([...runtimes, ...(gpus === 0 ? [] : ["nvidia"]), ...own])],
      logDrivers: [...new Set([...logDrivers, ...drivers])]
    }
  }
}
