import type { DockerPort } from "./DockerContainer.ts"

/** What is published, and whether the host's port is left to the engine. */
export interface Published {
  readonly ports: ReadonlyArray<DockerPort>
  readonly isRandom: boolean
}

/** As many ports of a range are carried over one by one. */
const maximumRange = 1000

/**
 * `[[address:][host port]:]port[/protocol]`, each a number or a range. Undefined if it is none. Source:
 * nat.ParsePortSpec.
 */
export const parsePublish = (text: string): Published | undefined => {
  const form = /^(?:(?:(\[[0-9a-fA-F:.]+\]|[^:[\]]*):)?(\d+(?:-\d+)?)?:)?(\d+(?:-\d+)?)(?:\/(tcp|udp|sctp))?$/i
  const [found, address = "", written, container = "", protocol = "tcp"] = form.exec(text) ?? []
  // The engine chooses one for 0 as well.
  const host = written === "0" ? undefined : written
  const containerPorts = rangeOf(container)
  const hostPorts = host === undefined ? undefined : rangeOf(host)
  if (found === undefined || containerPorts === undefined || (host !== undefined && hostPorts === undefined))
    return undefined
  // One port of a range of the host's: whichever is free.
  const isChoice = hostPorts !== undefined && containerPorts.length === 1 && hostPorts.length > 1
  if (hostPorts !== undefined && !isChoice && hostPorts.length !== containerPorts.length) return undefined
  const hostIp = address.replaceAll(/[[\]]/g, "")
  const ports = containerPorts.map((containerPort, index) => ({
    containerPort,
    hostPort: hostPorts?.[index],
    hostIp: hostIp === "" || hostIp === "0.0.0.0" || hostPorts === undefined ? undefined : hostIp,
    protocol: protocol.toLowerCase()
  }))
  return { ports, isRandom: hostPorts === undefined || isChoice }
}

/** Undefined if it is none. */
const rangeOf = (text: string): ReadonlyArray<number> | undefined => {
  const [first = 0, last = first] = text.split("-").map(Number)
  const length = last - first + 1
  if (!(length >= 1 && length <= maximumRange) || first < 1 || last > 65_535) return undefined
  return Array.from({ length }, (_, index) => first + index)
}

export const randomPort =
  "The engine would choose a port of the host, which no declaration can leave to it: write the host's port before it, as in 8080:80."
