import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** What the engine tells of itself and of its machine. Source: `GET /info`. */
export interface EngineFacts {
  readonly cpus: number
  readonly memoryBytes: number
  /** Undefined if the engine does not tell. */
  readonly cgroupVersion: 1 | 2 | undefined
  /** What the kernel's cgroups cannot limit: the engine then drops such a limit, or refuses it. */
  readonly unlimited: ReadonlyArray<"memory" | "swap" | "cpu">
  /** `6.1.0-18-cloud-amd64`; empty if the engine does not tell. */
  readonly kernelVersion: string
  /** `Container-Optimized OS from Google`; empty if the engine does not tell. */
  readonly operatingSystem: string
  /** `name=seccomp,profile=default`, `name=apparmor`, `name=selinux` */
  readonly securityOptions: ReadonlyArray<string>
  /** By name: `runc`, `nvidia`. */
  readonly runtimes: ReadonlyArray<string>
  /** Devices that it found in CDI specifications: `nvidia.com/gpu=0`. Engines before 28.2 do not tell. */
  readonly cdiDevices: ReadonlyArray<string>
  /** The log drivers that it has without plugins. */
  readonly logDrivers: ReadonlyArray<string>
}

const Strings = Schema.optional(Schema.NullOr(Schema.Array(Schema.String)))
const Flag = Schema.optional(Schema.Boolean)

const decode = Schema.decodeUnknownOption(
  Schema.Struct({
    NCPU: Schema.Int,
    MemTotal: Schema.Finite,
    CgroupVersion: Schema.optional(Schema.String),
    MemoryLimit: Flag,
    SwapLimit: Flag,
    CpuCfsQuota: Flag,
    KernelVersion: Schema.optional(Schema.String),
    OperatingSystem: Schema.optional(Schema.String),
    SecurityOptions: Strings,
    Runtimes: Schema.optional(Schema.NullOr(Schema.Record(Schema.String, Schema.Unknown))),
    DiscoveredDevices: Schema.optional(Schema.NullOr(Schema.Array(Schema.Struct({ ID: Schema.String })))),
    Plugins: Schema.optional(Schema.NullOr(Schema.Struct({ Log: Strings })))
  })
)

export const engineFacts = (answer: unknown): Option.Option<EngineFacts> =>
  Option.map(decode(answer), (info) => ({
    cpus: info.NCPU,
    memoryBytes: info.MemTotal,
    cgroupVersion: info.CgroupVersion === "1" ? 1 : info.CgroupVersion === "2" ? 2 : undefined,
    // What an engine does not tell of works as a rule.
    unlimited: [
      ...(info.MemoryLimit === false ? (["memory"] as const) : []),
      ...(info.SwapLimit === false ? (["swap"] as const) : []),
      ...(info.CpuCfsQuota === false ? (["cpu"] as const) : [])
    ],
    kernelVersion: info.KernelVersion ?? "",
    operatingSystem: info.OperatingSystem ?? "",
    securityOptions: info.SecurityOptions ?? [],
    runtimes: Object.keys(info.Runtimes ?? {}),
    cdiDevices: (info.DiscoveredDevices ?? []).map(({ ID }) => ID),
    logDrivers: info.Plugins?.Log ?? []
  }))

const decodePlugins = Schema.decodeUnknownOption(
  Schema.NullOr(
    Schema.Array(
      Schema.Struct({
        Name: Schema.String,
        Enabled: Flag,
        Config: Schema.optional(
          Schema.Struct({
            Interface: Schema.optional(
              Schema.Struct({
                Types: Schema.optional(
                  Schema.NullOr(Schema.Array(Schema.Struct({ Capability: Schema.optional(Schema.String) })))
                )
              })
            )
          })
        )
      })
    )
  )
)

/** `GET /plugins`: those that are enabled and log. The engine's list of drivers does not have them. */
export const logPlugins = (answer: unknown): Option.Option<ReadonlyArray<string>> =>
  Option.map(decodePlugins(answer), (plugins) =>
    (plugins ?? []).flatMap(({ Name, Enabled, Config }) =>
      Enabled === true && Config?.Interface?.Types?.some(({ Capability }) => Capability === "logdriver") === true
        ? [...new Set([Name, Name.replace(/:latest$/, "")])]
        : []
    )
  )
