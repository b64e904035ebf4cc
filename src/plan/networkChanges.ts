import { isSame } from "./isSame.ts"
import type { DnsSettings } from "../workload/Workload.ts"
import type { ContainerConfig } from "../vm/engine/ContainerConfig.ts"
import {
  type HostEntry,
  type NetworkMode,
  noDns,
  type PublishedPort,
  sortedPorts
} from "../vm/engine/ContainerNetwork.ts"
import type { ContainerSpec } from "../vm/engine/ContainerSpec.ts"

/** The fields of a container's network, and whether each differs from what is declared now. */
export const networkChanges = (
  config: ContainerConfig,
  spec: ContainerSpec
): ReadonlyArray<readonly [field: string, differs: boolean]> => [
  ["hostNetwork", isHosts(config.networkMode) !== isHosts(spec.networkMode)],
  // If none is declared the engine chooses one, which cannot be told from a declared one.
  ["hostname", spec.hostname !== undefined && config.hostname !== spec.hostname],
  ["hostAliases", !isSame(entriesOf(config.extraHosts), entriesOf(spec.extraHosts ?? []))],
  ["dnsConfig", !isSame(dnsOf(config.dns), dnsOf(spec.dns ?? noDns))],
  ["ports", !isSame(portsOf(config.ports), portsOf(spec.ports ?? []))]
]

const isHosts = (mode: NetworkMode): boolean => mode === "host"

const entriesOf = (entries: ReadonlyArray<HostEntry>): ReadonlyArray<string> =>
  entries.map(({ name, address }) => `${name} ${address}`).toSorted()

const dnsOf = ({ nameservers, searches, options }: DnsSettings) => [nameservers, searches, options]

const portsOf = (ports: ReadonlyArray<PublishedPort>) =>
  sortedPorts(ports).map(({ containerPort, protocol, hostPort, hostIp = "" }) => [
    containerPort,
    protocol,
    hostPort,
    hostIp
  ])
