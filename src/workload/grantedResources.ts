import type { Resources } from "./Resources.ts"

/** The numbers that an engine is given for a container's resources; each absent where nothing is declared. */
export interface GrantedResources {
  /** The quota, in thousandths of a cpu. */
  readonly cpuMillis?: number
  /** Its weight beside others. */
  readonly cpuShares?: number
  readonly memoryBytes?: number
  readonly reservationBytes?: number
  readonly gpus?: number
}

/** What kubelet makes of limits and requests, as far as engines take it. */
export const grantedResources = ({ limits, requests }: Resources): GrantedResources => {
  const { cpuMillis, memoryBytes, gpus = 0 } = limits
  // A request of none is the limit, too. Source: kubelet's calculateLinuxResources.
  const weight = requests.cpuMillis || (cpuMillis ?? requests.cpuMillis)
  return {
    ...(cpuMillis === undefined ? {} : { cpuMillis: Math.max(cpuMillis, minimumCpuMillis) }),
    ...(weight === undefined ? {} : { cpuShares: cpuShares(weight) }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    // The engine takes no smaller reservation. To Kubernetes a request is a matter of scheduling, whatever its size.
    ...(requests.memoryBytes ? { reservationBytes: Math.max(requests.memoryBytes, minimumMemory) } : {}),
    ...(gpus === 0 ? {} : { gpus })
  }
}

/** The least memory that an engine takes for a limit. Source: linuxMinMemory in moby's daemon/daemon_unix.go. */
export const minimumMemory = 6 * 2 ** 20

/** The kernel's least quota is 1 ms in 100. Source: kubelet's MilliCPUToQuota. */
const minimumCpuMillis = 10

/** Source: kubelet's MilliCPUToShares. */
const cpuShares = (millis: number): number => Math.min(Math.max(Math.floor((millis * 1024) / 1000), 2), 262_144)
