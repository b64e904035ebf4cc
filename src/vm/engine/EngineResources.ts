import * as Schema from "effect/Schema"

/** What a container may use of its machine, in the engine's units. What is absent is not limited. */
export interface EngineResources {
  /** Billionths of a cpu. */
  readonly nanoCpus?: number
  /** Its weight beside others, of which each has 1024 by default. */
  readonly cpuShares?: number
  /** In bytes. It may swap nothing beyond. */
  readonly memory?: number
  /** What it is left with where memory is short, in bytes. */
  readonly memoryReservation?: number
  /** NVIDIA's, by their numbers: so many from the first on. */
  readonly gpus?: { readonly first: number; readonly count: number }
}

/** Their part of a container's `HostConfig`. */
export const resourcesBody = ({ nanoCpus, cpuShares, memory, memoryReservation, gpus }: EngineResources): object => ({
  ...(nanoCpus === undefined ? {} : { NanoCpus: nanoCpus }),
  ...(cpuShares === undefined ? {} : { CpuShares: cpuShares }),
  // The limit of memory and swap together. The engine's default allows as much swap again.
  ...(memory === undefined ? {} : { Memory: memory, MemorySwap: memory }),
  ...(memoryReservation === undefined ? {} : { MemoryReservation: memoryReservation }),
  ...(gpus === undefined ? {} : { DeviceRequests: [deviceRequest(gpus)] })
})

/** A count takes the first ones. */
const deviceRequest = ({ first, count }: NonNullable<EngineResources["gpus"]>): object => ({
  Driver: "nvidia",
  ...(first === 0
    ? { Count: count }
    : { DeviceIDs: Array.from({ length: count }, (_, index) => String(first + index)) }),
  Capabilities: [["gpu"]]
})

const Amount = Schema.optional(Schema.NullOr(Schema.Finite))

/** The same as an inspection tells it. */
export const ResourceFields = {
  NanoCpus: Amount,
  CpuShares: Amount,
  Memory: Amount,
  MemoryReservation: Amount,
  DeviceRequests: Schema.optional(
    Schema.NullOr(
      Schema.Array(
        Schema.Struct({
          Driver: Schema.optional(Schema.String),
          Count: Schema.optional(Schema.Int),
          DeviceIDs: Schema.optional(Schema.NullOr(Schema.Array(Schema.String)))
        })
      )
    )
  )
}

const Told = Schema.Struct(ResourceFields)

/** Undefined if nothing is limited. The engine tells 0 for what is not. */
export const parseResources = (told: typeof Told.Type): EngineResources | undefined => {
  const { NanoCpus, CpuShares, Memory, MemoryReservation, DeviceRequests } = told
  const request = DeviceRequests?.find(({ Driver }) => Driver === "nvidia")
  const [first = 0] = request?.DeviceIDs?.map(Number) ?? []
  const count = request?.DeviceIDs?.length || (request?.Count ?? 0)
  const resources: EngineResources = {
    ...(NanoCpus ? { nanoCpus: NanoCpus } : {}),
    ...(CpuShares ? { cpuShares: CpuShares } : {}),
    ...(Memory ? { memory: Memory } : {}),
    ...(MemoryReservation ? { memoryReservation: MemoryReservation } : {}),
    ...(count > 0 ? { gpus: { first, count } } : {})
  }
  return Object.keys(resources).length === 0 ? undefined : resources
}
