/** What a container may use of the VM, and what is kept for it. */
export interface Resources {
  /** What is not limited is absent. */
  readonly limits: ResourceAmounts
  /** What is not requested, but limited, is requested to the limit, as Kubernetes' API server has it. */
  readonly requests: ResourceAmounts
}

/** Each rounded up as in Kubernetes. */
export interface ResourceAmounts {
  /** In thousandths of a cpu. */
  readonly cpuMillis?: number
  readonly memoryBytes?: number
  readonly ephemeralStorageBytes?: number
  /** `nvidia.com/gpu`: as many are requested as the limit says. */
  readonly gpus?: number
}
