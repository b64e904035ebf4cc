import type { KnownContainer } from "../../known/KnownContainer.ts"
import type { PodShape } from "../../known/PodShape.ts"
import type { Source } from "../../Source.ts"
import type { ContainerPort } from "../../../workload/Workload.ts"
import { type Line, line, lineIf, words } from "./unitText.ts"

/** The section Pod: what the containers share. */
export const podLines = (
  source: Source,
  containers: ReadonlyArray<KnownContainer>,
  { sharesProcesses }: PodShape,
  pod: string
): ReadonlyArray<Line> => {
  const listening = containers.filter(({ role }) => role !== "init")
  const shared = [
    "net",
    "uts",
    ...(source.workload.namespaces?.hostIpc ? [] : ["ipc"]),
    ...(sharesProcesses ? ["pid"] : [])
  ]
  return [
    line("PodName", `${pod}-pod`),
    ...networkLines(source, listening, "--"),
    // Pods have no keys for these.
    words("PodmanArgs", `--share=${shared.join(",")}`),
    ...Object.entries(source.written.metadata.labels).map(([key, value]) =>
      words("PodmanArgs", `--label=${key}=${value}`)
    )
  ]
}

/** What a container says of its network and namespaces. */
export const containerNetwork = (
  container: KnownContainer,
  source: Source,
  { needsSandbox }: PodShape,
  pod: string
): ReadonlyArray<Line> => {
  const { workload, written } = source
  const { namespaces = {}, runtime } = workload
  return [
    ...(needsSandbox
      ? [line("Pod", `${pod}.pod`)]
      : networkLines(source, container.role === "init" ? [] : [container], "")),
    ...(namespaces.hostPid ? [words("PodmanArgs", "--pid=host")] : []),
    ...(namespaces.hostIpc ? [words("PodmanArgs", "--ipc=host")] : []),
    ...(runtime === undefined ? [] : [words("GlobalArgs", `--runtime=${runtime}`)]),
    ...(needsSandbox
      ? []
      : Object.entries(written.metadata.labels).map(([key, value]) => words("Label", `${key}=${value}`)))
  ]
}

/** `flags` is "--" where a Pod's section lacks the keys that a container's has. */
const networkLines = (
  { workload }: Source,
  listening: ReadonlyArray<KnownContainer>,
  flags: "--" | ""
): ReadonlyArray<Line> => {
  const { network, namespaces: { sysctls = [] } = {} } = workload
  const ports = listening.flatMap(({ declared }) => declared.ports)
  const settings = sysctls.map(({ name, value }) =>
    flags === "--" ? words("PodmanArgs", `--sysctl=${name}=${value}`) : words("Sysctl", `${name}=${value}`)
  )
  if (network._tag === "Host") {
    return [line("Network", "host"), ...(flags === "" ? ports.map(exposeLine) : []), ...settings]
  }
  const { hostname, hostAliases, dns } = network
  return [
    ...lineIf("HostName", hostname),
    ...ports.flatMap((port) =>
      port.hostPort === undefined ? (flags === "" ? [exposeLine(port)] : []) : [publishLine(port)]
    ),
    ...hostAliases.flatMap(({ ip, hostnames }) => hostnames.map((name) => line("AddHost", `${name}:${ip}`))),
    ...dns.nameservers.map((server) => line("DNS", server)),
    ...dns.searches.map((domain) => line("DNSSearch", domain)),
    ...dns.options.map((option) => line("DNSOption", option)),
    ...settings
  ]
}

const exposeLine = ({ containerPort, protocol }: ContainerPort): Line =>
  line("ExposeHostPort", `${containerPort}${protocol === "tcp" ? "" : `/${protocol}`}`)

const publishLine = ({ containerPort, hostPort, hostIp, protocol }: ContainerPort): Line => {
  const address = hostIp === undefined ? "" : `${hostIp.includes(":") ? `[${hostIp}]` : hostIp}:`
  return line("PublishPort", `${address}${hostPort}:${containerPort}${protocol === "tcp" ? "" : `/${protocol}`}`)
}
