import * as Schema from "effect/Schema"
import {
  type HostEntry,
  type NetworkMode,
  type PortProtocol,
  type PublishedPort,
  sortedPorts
} from "./ContainerNetwork.ts"

/** A container's network, as the engine's API writes it. */

export const networkModeText = (mode: NetworkMode): string => {
  if (mode === "host") return mode
  return mode._tag === "Network" ? mode.name : `container:${mode.id}`
}

export const parseNetworkMode = (text: string): NetworkMode => {
  if (text === "host") return text
  const [, id] = /^container:(.*)$/.exec(text) ?? []
  return id === undefined ? { _tag: "Network", name: text } : { _tag: "Container", id }
}

const portKey = ({ containerPort, protocol }: PublishedPort): string => `${containerPort}/${protocol}`

/** `ExposedPorts` of a container's `Config`. */
export const exposedPorts = (ports: ReadonlyArray<PublishedPort>): Readonly<Record<string, object>> =>
  Object.fromEntries(ports.map((port) => [portKey(port), {}]))

/** `PortBindings` of a container's `HostConfig`. */
export const portBindings = (
  ports: ReadonlyArray<PublishedPort>
): Readonly<Record<string, ReadonlyArray<typeof Binding.Type>>> =>
  Object.fromEntries(
    ports.map((one) => [
      portKey(one),
      ports
        .filter((other) => portKey(other) === portKey(one))
        .map(({ hostIp, hostPort }) => ({ HostIp: hostIp ?? "", HostPort: `${hostPort}` }))
    ])
  )

const Binding = Schema.Struct({ HostIp: Schema.optional(Schema.String), HostPort: Schema.optional(Schema.String) })

export const PortBindings = Schema.optional(
  Schema.NullOr(Schema.Record(Schema.String, Schema.NullOr(Schema.Array(Binding))))
)

/** Ports that the engine is to choose by itself are left out: no container of ours has them. */
export const publishedPorts = (bindings: typeof PortBindings.Type): ReadonlyArray<PublishedPort> =>
  sortedPorts(
    Object.entries(bindings ?? {}).flatMap(([key, hosts]) => {
      const [, port, protocol] = /^(\d{1,5})\/(tcp|udp|sctp)$/.exec(key) ?? []
      if (port === undefined || protocol === undefined) return []
      return (hosts ?? []).flatMap(({ HostIp = "", HostPort = "" }) =>
        /^[1-9]\d{0,4}$/.test(HostPort)
          ? [
              {
                containerPort: Number(port),
                protocol: protocol as PortProtocol,
                hostPort: Number(HostPort),
                ...(HostIp === "" ? {} : { hostIp: HostIp })
              }
            ]
          : []
      )
    })
  )

export const extraHostText = ({ name, address }: HostEntry): string => `${name}:${address}`

/** `name:address`; an IPv6 address has colons of its own. */
export const parseExtraHost = (text: string): HostEntry => {
  const [name = ""] = text.split(/[:=]/, 1)
  return { name, address: text.slice(name.length + 1) }
}
