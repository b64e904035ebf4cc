import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { checkIpAddress, type IpAddressInvalid } from "./IpAddress.ts"
import { HostNetworkIgnores } from "./Network.ts"
import { isWithin, portName, portNumber } from "../schema/limits.ts"
import { nearest, orElse } from "../../text/nearest.ts"
import type { Place } from "../yaml/Places.ts"
import { position } from "../yaml/Position.ts"
import type { ContainerPort, Network } from "../../workload/Workload.ts"

/** No number that a port can have. */
export class PortNumberInvalid extends Schema.TaggedError<PortNumberInvalid>()("PortNumberInvalid", {
  ...position,
  /** As in `spec.containers[0].ports[0].containerPort`. */
  path: Schema.String,
  found: Schema.Int
}) {
  override get message(): string {
    return `${this.path} must be a number from 1 to 65535, not ${this.found}`
  }
  get advice(): string {
    return "Write the number of the port."
  }
}

/** A port without a number. */
export class ContainerPortMissing extends Schema.TaggedError<ContainerPortMissing>()("ContainerPortMissing", {
  ...position,
  /** As in `spec.containers[0].ports[0]`. */
  path: Schema.String
}) {
  override get message(): string {
    return `${this.path} has no containerPort`
  }
  get advice(): string {
    return 'Write "containerPort:" with the number of the port that the container listens on.'
  }
}

/** On the host's network a container is reached at the very port that it listens on. */
export class HostPortDiffers extends Schema.TaggedError<HostPortDiffers>()("HostPortDiffers", {
  ...position,
  hostPort: Schema.Int,
  containerPort: Schema.Int
}) {
  override get message(): string {
    return `on the host's network hostPort ${this.hostPort} must be the containerPort, ${this.containerPort}`
  }
  get advice(): string {
    return 'Remove "hostPort", or give the Pod a network of its own by "hostNetwork: false" in "spec".'
  }
}

/** A protocol other than those of Kubernetes. */
export class ProtocolInvalid extends Schema.TaggedError<ProtocolInvalid>()("ProtocolInvalid", {
  ...position,
  protocol: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `"${this.protocol}" is not a protocol of ports`
  }
  get advice(): string {
    return orElse(this.suggestion, "Write TCP, UDP or SCTP; the default is TCP.")
  }
}

/** A port's name that Kubernetes would refuse. */
export class PortNameInvalid extends Schema.TaggedError<PortNameInvalid>()("PortNameInvalid", {
  ...position,
  name: Schema.String
}) {
  override get message(): string {
    return `"${this.name}" cannot be a port's name`
  }
  get advice(): string {
    return "Use at most 15 lower-case letters, digits and single dashes between them, with at least one letter."
  }
}

/** Two ports of a container with one name. */
export class PortNameDuplicate extends Schema.TaggedError<PortNameDuplicate>()("PortNameDuplicate", {
  ...position,
  name: Schema.String,
  /** Of the first port with it. */
  firstLine: Schema.Int
}) {
  override get message(): string {
    return `the port name "${this.name}" is already taken on line ${this.firstLine}`
  }
  get advice(): string {
    return "Give each port a name of its own, or none."
  }
}

export type PortProblem =
  | PortNumberInvalid
  | ContainerPortMissing
  | HostPortDiffers
  | ProtocolInvalid
  | IpAddressInvalid
  | PortNameInvalid
  | PortNameDuplicate

type DeclaredPort = DeclaredContainer["ports"][number]

const protocols: ReadonlyMap<string, ContainerPort["protocol"]> = new Map([
  ["", "tcp"],
  ["TCP", "tcp"],
  ["UDP", "udp"],
  ["SCTP", "sctp"]
])

export interface CheckedPort {
  readonly port: ContainerPort
  readonly place: Place
}

const namePattern = new RegExp(`^${portName}$`)

/** Checks a container's ports one by one, and gives those that are good. */
export const checkPorts = (
  container: DeclaredContainer,
  network: Network["_tag"],
  check: Check<PortProblem, HostNetworkIgnores>
): ReadonlyArray<CheckedPort> => {
  const names = new Map<string, Place>()
  return container.ports.flatMap((declared, index) => {
    const place = check.at(container.ports, index)
    if (place.invalid) return []
    checkName(declared, names, check)
    const containerPort = checkContainerPort(declared, place.path, check)
    const hostPort = network === "Host" ? containerPort : undefined
    const published = checkHostPort(declared, network, check)
    const hostIp = checkHostIp(declared, network, check)
    const protocol = checkProtocol(declared, check)
    if (containerPort === undefined || protocol === undefined) return []
    return [{ place, port: { containerPort, hostPort: hostPort ?? published, hostIp, protocol } }]
  })
}

const isPort = (number: number): boolean => isWithin(portNumber, number)

const checkContainerPort = (port: DeclaredPort, path: string, check: Check<PortProblem, never>): number | undefined => {
  const { containerPort } = port
  const place = check.at(port, "containerPort")
  if (place.invalid) return undefined
  if (isPort(containerPort)) return containerPort
  if (containerPort === 0) check.slip(place, ContainerPortMissing, { path })
  else check.slip(place, PortNumberInvalid, { path: place.path, found: containerPort })
  return undefined
}

/** As in Kubernetes, 0 is the same as none. */
const checkHostPort = (
  port: DeclaredPort,
  network: Network["_tag"],
  check: Check<PortProblem, never>
): number | undefined => {
  const { containerPort, hostPort } = port
  const place = check.at(port, "hostPort")
  if (place.invalid || hostPort === 0) return undefined
  if (!isPort(hostPort)) {
    check.slip(place, PortNumberInvalid, { path: place.path, found: hostPort })
    return undefined
  }
  if (network === "Host" && isPort(containerPort) && hostPort !== containerPort) {
    check.slip(place, HostPortDiffers, { hostPort, containerPort })
  }
  return hostPort
}

const checkHostIp = (
  port: DeclaredPort,
  network: Network["_tag"],
  check: Check<PortProblem, HostNetworkIgnores>
): string | undefined => {
  const place = check.at(port, "hostIP")
  if (place.invalid || port.hostIP === "" || !checkIpAddress(port, "hostIP", check)) return undefined
  if (network === "Pod") return port.hostIP
  check.warning(place, HostNetworkIgnores, { path: place.path })
  return undefined
}

const checkProtocol = (port: DeclaredPort, check: Check<PortProblem, never>): ContainerPort["protocol"] | undefined => {
  const place = check.at(port, "protocol")
  if (place.invalid) return undefined
  const protocol = protocols.get(port.protocol)
  if (protocol === undefined) {
    check.slip(place, ProtocolInvalid, {
      protocol: check.quote(port, "protocol"),
      suggestion: nearest(port.protocol, ["TCP", "UDP", "SCTP"])
    })
  }
  return protocol
}

const checkName = (port: DeclaredPort, names: Map<string, Place>, check: Check<PortProblem, never>): void => {
  const place = check.at(port, "name")
  if (place.invalid || port.name === "") return
  const name = check.quote(port, "name")
  const first = names.get(port.name)
  if (!namePattern.test(port.name)) check.slip(place, PortNameInvalid, { name })
  else if (first === undefined) names.set(port.name, place)
  else check.slip(place, PortNameDuplicate, { name, firstLine: check.lineOf(first) })
}
