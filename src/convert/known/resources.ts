import type { Resources } from "../../workload/Resources.ts"

/** A container's resources in the words of engines; each absent where nothing is declared. */
export interface KnownResources {
  /** In cpus: `0.5`. */
  readonly cpus?: string
  readonly cpuShares?: number
  readonly memoryBytes?: number
  readonly reservationBytes?: number
  readonly gpus?: number
}

/** The kernel's least quota, in thousandths of a cpu. Source: kubelet's MilliCPUToQuota. */
const minimumCpuMillis = 10

/** The least that engines take for memory. */
const minimumMemory = 6 * 2 ** 20

/** The numbers that `up` gives the engine. */
export const knownResources = ({ limits, requests }: Resources): KnownResources => {
  const { cpuMillis, memoryBytes, gpus = 0 } = limits
  const weight = requests.cpuMillis || (cpuMillis ?? requests.cpuMillis)
  return {
    ...(cpuMillis === undefined ? {} : { cpus: String(Math.max(cpuMillis, minimumCpuMillis) / 1000) }),
    ...(weight === undefined ? {} : { cpuShares: sharesOf(weight) }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(requests.memoryBytes ? { reservationBytes: Math.max(requests.memoryBytes, minimumMemory) } : {}),
    ...(gpus === 0 ? {} : { gpus })
  }
}

/** Source: kubelet's MilliCPUToShares. */
const sharesOf = (millis: number): number => Math.min(Math.max(Math.floor((millis * 1024) / 1000), 2), 262_144)
