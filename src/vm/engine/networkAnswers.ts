import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { type PortProtocol, type PublishedPort, sortedPorts } from "./ContainerNetwork.ts"
import type { NetworkSummary } from "./Inspection.ts"

/** What the engine answers about networks. */

const decodeNetworks = Schema.decodeUnknownOption(
  Schema.Array(
    Schema.Struct({
      Id: Schema.String,
      Name: Schema.String,
      Labels: Schema.optional(Schema.NullOr(Schema.Record(Schema.String, Schema.String)))
    })
  )
)

export const networks = (answer: unknown): Option.Option<ReadonlyArray<NetworkSummary>> =>
  Option.map(decodeNetworks(answer), (list) =>
    list.map(({ Id, Name, Labels }) => ({ id: Id, name: Name, labels: Labels ?? {} }))
  )

/** `Ports` of a container in a list. */
export const ListedPorts = Schema.optional(
  Schema.NullOr(
    Schema.Array(
      Schema.Struct({
        IP: Schema.optional(Schema.String),
        PrivatePort: Schema.Int,
        PublicPort: Schema.optional(Schema.Int),
        Type: Schema.String
      })
    )
  )
)

const protocols: ReadonlyArray<string> = ["tcp", "udp", "sctp"] satisfies ReadonlyArray<PortProtocol>
const isProtocol = (text: string): text is PortProtocol => protocols.includes(text)

/** Those that are published. On all addresses of the host, IPv4's and IPv6's, is one port. */
export const listedPorts = (ports: typeof ListedPorts.Type): ReadonlyArray<PublishedPort> => {
  const published = (ports ?? []).flatMap(({ IP = "", PrivatePort, PublicPort = 0, Type }) =>
    PublicPort === 0 || !isProtocol(Type)
      ? []
      : [
          {
            containerPort: PrivatePort,
            protocol: Type,
            hostPort: PublicPort,
            ...(IP === "" || IP === "0.0.0.0" || IP === "::" ? {} : { hostIp: IP })
          }
        ]
  )
  return sortedPorts([...new Map(published.map((port) => [JSON.stringify(port), port])).values()])
}

/** `NetworkSettings` of a container. */
export const NetworkSettings = Schema.optional(
  Schema.NullOr(
    Schema.Struct({
      Networks: Schema.optional(
        Schema.NullOr(
          Schema.Record(Schema.String, Schema.NullOr(Schema.Struct({ IPAddress: Schema.optional(Schema.String) })))
        )
      )
    })
  )
)

/** Its IPv4 address on the one network that it is on. */
export const addressOf = (settings: typeof NetworkSettings.Type): string | undefined =>
  Object.values(settings?.Networks ?? {})
    .map((network) => network?.IPAddress ?? "")
    .find((address) => address !== "")
