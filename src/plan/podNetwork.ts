import { networkLabel } from "../observation/Ownership.ts"
import { reapingSandboxImage, sandboxImage } from "../vm/engine/SandboxImage.ts"
import type { HostEntry, NetworkMode, PublishedPort } from "../vm/engine/ContainerNetwork.ts"
import type { ContainerSpec } from "../vm/engine/ContainerSpec.ts"
import { sharesProcesses } from "./podNamespaces.ts"
import type { FirewallPort } from "../vm/firewall/FirewallRules.ts"
import type { DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import type { Container, ContainerPort, PodNetwork, Workload } from "../workload/Workload.ts"

/** Our bridge network, for containers with a network of their own. */
export const bridge = { name: "slipway", labels: { [networkLabel]: "pods" } } as const

/** No name of a container that is declared has a dot in it, unless it is alone. */
export const sandboxName = "pod.sandbox"

/**
 * Whether the containers of a workload need a sandbox: to share a network of their own, unless there is one container that
 * need not be told its address, as it cannot be on a network before it is created; or to share their processes, on the
 * host's network too.
 */
export const needsSandbox = (workload: DeclaredWorkload): boolean => {
  const { network, containers, initContainers } = workload
  return (
    (network._tag === "Pod" && (containers.length + initContainers.length > 1 || network.isAddressNeeded === true)) ||
    sharesProcesses(workload)
  )
}

/** The container that holds the namespaces which the others join. It does nothing but wait. */
export const sandboxContainer = (workload: DeclaredWorkload): Container => ({
  name: sandboxName,
  image: (sharesProcesses(workload) ? reapingSandboxImage : sandboxImage).reference,
  command: undefined,
  args: undefined,
  env: [],
  mounts: [],
  ports: [],
  restartPolicy: "Always",
  privileged: false,
  stdin: false,
  tty: false
})

/** The network part of a spec. */
export type NetworkSpec = Pick<
  ContainerSpec,
  "networkMode" | "hostname" | "extraHosts" | "dns" | "ports" | "stopSignal"
>

export const hostNetwork: NetworkSpec = { networkMode: "host" }

/** What a sandbox is for, in a word: on the host's network it holds the process namespace alone. */
export const heldBy = ({ networkMode }: Pick<ContainerSpec, "networkMode">): "network" | "process namespace" =>
  networkMode === "host" ? "process namespace" : "network"

/** For whatever holds the Pod's network: the sandbox, or the only container. */
export const podNetwork = (
  { hostname, hostAliases, dns }: PodNetwork,
  containers: ReadonlyArray<Container>
): NetworkSpec => {
  const extraHosts = hostAliases.flatMap(({ ip, hostnames }) =>
    hostnames.map((name): HostEntry => ({ name, address: ip }))
  )
  const ports = containers.flatMap((container) => container.ports.flatMap(published))
  const hasDns = [dns.nameservers, dns.searches, dns.options].some((list) => list.length > 0)
  const networkMode: NetworkMode = { _tag: "Network", name: bridge.name }
  return {
    networkMode,
    ...(hostname === undefined ? {} : { hostname }),
    ...(extraHosts.length === 0 ? {} : { extraHosts }),
    ...(hasDns ? { dns } : {}),
    ...(ports.length === 0 ? {} : { ports })
  }
}

const published = ({ containerPort, hostPort, hostIp, protocol }: ContainerPort): ReadonlyArray<PublishedPort> =>
  hostPort === undefined ? [] : [{ containerPort, hostPort, protocol, ...(hostIp === undefined ? {} : { hostIp }) }]

/** The host's ports that a container takes. On the host's network those that it listens on. */
export const hostPorts = ({ ports }: Container, { network }: Workload): ReadonlyArray<FirewallPort> =>
  ports.flatMap(({ containerPort, hostPort, protocol }) => {
    const port = network._tag === "Host" ? containerPort : hostPort
    return port === undefined ? [] : [{ port, protocol }]
  })
