import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { ContainerConfig, ImageConfig } from "./ContainerConfig.ts"
import { logConfig as toLogConfig } from "./LogConfig.ts"
import { parseResources, ResourceFields } from "./EngineResources.ts"
import { hooksIn } from "./hooksLabel.ts"
import type { RedactedVariable } from "./ContainerSpec.ts"
import { parseExtraHost, parseNetworkMode, PortBindings, publishedPorts } from "./engineNetwork.ts"
import { containerNamespaces, namespaceFields } from "./ContainerNamespaces.ts"
import { containerSecurity, securityFields } from "./engineSecurity.ts"

/**
 * The parts of an inspection that describe how a container or an image was created. A missing or null field is the
 * engine's zero value.
 */

const Strings = Schema.optional(Schema.NullOr(Schema.Array(Schema.String)))
const Flag = Schema.optional(Schema.Boolean)

/** `Config` of an image, and its common part with a container's. */
export const ImageFields = Schema.Struct({
  Entrypoint: Strings,
  Cmd: Strings,
  Env: Strings,
  WorkingDir: Schema.optional(Schema.String),
  StopSignal: Schema.optional(Schema.NullOr(Schema.String)),
  User: Schema.optional(Schema.NullOr(Schema.String))
})

/** `Config` of a container. */
export const ConfigFields = Schema.Struct({
  ...ImageFields.fields,
  OpenStdin: Flag,
  StdinOnce: Flag,
  Tty: Flag,
  Hostname: Schema.optional(Schema.String),
  StopTimeout: Schema.optional(Schema.NullOr(Schema.Int)),
  Labels: Schema.optional(Schema.NullOr(Schema.Record(Schema.String, Schema.String)))
})

/** `HostConfig` of a container. */
export const HostConfigFields = Schema.Struct({
  Binds: Strings,
  Mounts: Schema.optional(
    Schema.NullOr(
      Schema.Array(
        Schema.Struct({
          Type: Schema.optional(Schema.String),
          Source: Schema.optional(Schema.String),
          Target: Schema.String,
          ReadOnly: Flag,
          BindOptions: Schema.optional(
            Schema.NullOr(
              Schema.Struct({
                Propagation: Schema.optional(Schema.String),
                ReadOnlyNonRecursive: Flag,
                ReadOnlyForceRecursive: Flag
              })
            )
          ),
          ImageOptions: Schema.optional(Schema.NullOr(Schema.Struct({ Subpath: Schema.optional(Schema.String) })))
        })
      )
    )
  ),
  Privileged: Flag,
  ...ResourceFields,
  ...securityFields,
  ...namespaceFields,
  NetworkMode: Schema.optional(Schema.String),
  PortBindings,
  ExtraHosts: Strings,
  Dns: Strings,
  DnsSearch: Strings,
  DnsOptions: Strings,
  LogConfig: Schema.optional(
    Schema.Struct({
      Type: Schema.String,
      Config: Schema.optional(Schema.NullOr(Schema.Record(Schema.String, Schema.String)))
    })
  )
})

export const imageConfig = (config: typeof ImageFields.Type | null | undefined): ImageConfig => ({
  entrypoint: config?.Entrypoint ?? [],
  cmd: config?.Cmd ?? [],
  env: (config?.Env ?? []).map(variable),
  // Podman and BuildKit write the root where none is set.
  ...(config?.WorkingDir && config.WorkingDir !== "/" ? { workingDir: config.WorkingDir } : {}),
  // Podman writes an empty one.
  ...(config?.StopSignal ? { stopSignal: config.StopSignal } : {}),
  ...(config?.User ? { user: config.User } : {})
})

export const containerConfig = (
  config: typeof ConfigFields.Type,
  host: typeof HostConfigFields.Type
): ContainerConfig => ({
  ...imageConfig(config),
  ...rightsOf(host),
  ...optionalEnd(config),
  openStdin: config.OpenStdin ?? false,
  ...(config.StdinOnce === true ? { stdinOnce: true } : {}),
  tty: config.Tty ?? false,
  binds: host.Binds ?? [],
  ...mountsOf(host),
  privileged: host.Privileged ?? false,
  ...resourcesOf(host),
  logConfig: toLogConfig(host.LogConfig?.Type ?? "", host.LogConfig?.Config ?? {}),
  networkMode: parseNetworkMode(host.NetworkMode ?? "default"),
  hostname: config.Hostname ?? "",
  extraHosts: (host.ExtraHosts ?? []).map(parseExtraHost),
  dns: { nameservers: host.Dns ?? [], searches: host.DnsSearch ?? [], options: host.DnsOptions ?? [] },
  ports: publishedPorts(host.PortBindings)
})

const mountsOf = ({ Mounts }: typeof HostConfigFields.Type): Pick<ContainerConfig, "mounts" | "imageMounts"> => {
  const all = Mounts ?? []
  const imageMounts = all
    .filter(({ Type }) => Type === "image")
    .map(({ Source = "", Target, ImageOptions }) => ({
      source: Source,
      target: Target,
      ...(ImageOptions?.Subpath ? { subPath: ImageOptions.Subpath } : {})
    }))
  return {
    mounts: all
      .filter(({ Type }) => Type !== "image")
      .map(({ Source, Target, ReadOnly, BindOptions }) => ({
        source: Source ?? "",
        target: Target,
        readOnly: ReadOnly ?? false,
        ...(BindOptions?.Propagation === "rslave" || BindOptions?.Propagation === "rshared"
          ? { propagation: BindOptions.Propagation }
          : {}),
        ...(BindOptions?.ReadOnlyNonRecursive === true ? { readOnlyNonRecursive: true } : {}),
        ...(BindOptions?.ReadOnlyForceRecursive === true ? { readOnlyForceRecursive: true } : {})
      })),
    ...(imageMounts.length === 0 ? {} : { imageMounts })
  }
}

/** Ten seconds are the engine's own, which Podman writes where none are set. */
const optionalEnd = ({
  StopTimeout,
  Labels
}: typeof ConfigFields.Type): Pick<ContainerConfig, "stopTimeout" | "hooks"> => {
  const hooks = hooksIn(Labels ?? {})
  return {
    ...(typeof StopTimeout === "number" && StopTimeout !== 10 ? { stopTimeout: StopTimeout } : {}),
    ...(hooks === undefined ? {} : { hooks })
  }
}

const resourcesOf = (host: typeof HostConfigFields.Type): Pick<ContainerConfig, "resources"> => {
  const resources = parseResources(host)
  return resources === undefined ? {} : { resources }
}

const rightsOf = (host: typeof HostConfigFields.Type): Pick<ContainerConfig, "security" | "namespaces"> => {
  const security = containerSecurity(host)
  const namespaces = containerNamespaces(host)
  return { ...(security === undefined ? {} : { security }), ...(namespaces === undefined ? {} : { namespaces }) }
}

/** `NAME=value`; the value may contain further equals signs. */
const variable = (text: string): RedactedVariable => {
  const [name = ""] = text.split("=", 1)
  return { name, value: Redacted.make(text.slice(name.length + 1)) }
}
