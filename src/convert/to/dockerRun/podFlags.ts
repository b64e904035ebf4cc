import type { DeclaredContainer } from "../../../workload/DeclaredWorkload.ts"
import type { PodShape } from "../../known/PodShape.ts"
import type { Source } from "../../Source.ts"
import { type Argument, flagged, ifGiven } from "./Arguments.ts"

/** What `docker run` is told for whatever holds the Pod's namespaces: its only container, or the sandbox. */
export const holderFlags = (
  { workload }: Source,
  shape: PodShape,
  portsOf: ReadonlyArray<DeclaredContainer>
): ReadonlyArray<Argument> => {
  const { network, namespaces: { hostIpc, sysctls = [] } = {} } = workload
  const settings = sysctls.map(({ name, value }) => flagged("--sysctl", `${name}=${value}`))
  const ipc = shape.needsSandbox && hostIpc === undefined ? [flagged("--ipc", "shareable")] : []
  if (network._tag === "Host") {
    const exposed = portsOf.flatMap(({ ports }) => ports.map(exposeFlag))
    return [flagged("--network", "host"), ...exposed, ...ipc, ...settings]
  }
  const { hostname, hostAliases, dns } = network
  return [
    ...ifGiven("--hostname", hostname),
    ...portsOf.flatMap(({ ports }) => ports.flatMap(publishFlags)),
    ...hostAliases.flatMap(({ ip, hostnames }) => hostnames.map((name) => flagged("--add-host", `${name}:${ip}`))),
    ...dns.nameservers.map((server) => flagged("--dns", server)),
    ...dns.searches.map((domain) => flagged("--dns-search", domain)),
    ...dns.options.map((option) => flagged("--dns-option", option)),
    ...ipc,
    ...settings
  ]
}

/** What a container is told that joins the sandbox. */
export const joinFlags = ({ workload }: Source, shape: PodShape, sandbox: string): ReadonlyArray<Argument> => {
  const mode = `container:${sandbox}`
  return [
    flagged("--network", workload.network._tag === "Host" ? "host" : mode),
    ...(workload.namespaces?.hostIpc === true ? [] : [flagged("--ipc", mode)]),
    ...(shape.sharesProcesses ? [flagged("--pid", mode)] : [])
  ]
}

/** What all containers are told. */
export const sharedFlags = ({ workload, written }: Source): ReadonlyArray<Argument> => [
  ...(workload.namespaces?.hostPid === true ? [flagged("--pid", "host")] : []),
  ...(workload.namespaces?.hostIpc === true ? [flagged("--ipc", "host")] : []),
  ...ifGiven("--runtime", workload.runtime),
  ...Object.entries(written.metadata.labels).map(([key, value]) => flagged("--label", `${key}=${value}`))
]

/** Says what is listened on, and opens nothing. */
const exposeFlag = ({
  containerPort,
  protocol
}: Pick<DeclaredContainer["ports"][number], "containerPort" | "protocol">) =>
  flagged("--expose", `${containerPort}/${protocol}`)

const publishFlags = ({
  containerPort,
  hostPort,
  hostIp,
  protocol
}: DeclaredContainer["ports"][number]): ReadonlyArray<Argument> => {
  if (hostPort === undefined) return [exposeFlag({ containerPort, protocol })]
  const address = hostIp === undefined ? "" : `${hostIp.includes(":") ? `[${hostIp}]` : hostIp}:`
  return [flagged("--publish", `${address}${hostPort}:${containerPort}${protocol === "tcp" ? "" : `/${protocol}`}`)]
}
