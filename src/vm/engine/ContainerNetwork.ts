import type { ContainerPort, DnsSettings } from "../../workload/Workload.ts"

/** Which network a container is on. */
export type NetworkMode =
  /** The host's own. */
  | "host"
  /** A network of the engine's, by name. */
  | { readonly _tag: "Network"; readonly name: string }
  /**
   * Another container's, by its id: with its address, published ports, host name and /etc/hosts. That container has to
   * run first. Engines 20.10 and 26.1, when they come up, start all containers at once and do not retry: those that join
   * may stay ended. Nor does one that runs on notice when the container is restarted: its network is that of the old start.
   */
  | { readonly _tag: "Container"; readonly id: string }

/** In small letters, as the engine has it. */
export type PortProtocol = ContainerPort["protocol"]

/** A port of a container that is published on the host. */
export interface PublishedPort {
  readonly containerPort: number
  readonly protocol: PortProtocol
  readonly hostPort: number
  /** The address of the host; all of them if absent. */
  readonly hostIp?: string | undefined
}

/** A line of a container's /etc/hosts. */
export interface HostEntry {
  readonly name: string
  readonly address: string
}

/** A bridge network to create. */
export interface NetworkSpec {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** The engine's choice. */
export const noDns: DnsSettings = { nameservers: [], searches: [], options: [] }

/** In an order that does not depend on how they were declared: the engine keeps none. */
export const sortedPorts = (ports: ReadonlyArray<PublishedPort>): ReadonlyArray<PublishedPort> =>
  ports.toSorted(
    (a, b) =>
      a.containerPort - b.containerPort ||
      a.protocol.localeCompare(b.protocol) ||
      a.hostPort - b.hostPort ||
      (a.hostIp ?? "").localeCompare(b.hostIp ?? "")
  )
