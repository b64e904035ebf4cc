import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { CheckedPort } from "./Ports.ts"
import { isUnspecified } from "../../workload/ipAddress.ts"
import type { Place } from "../yaml/Places.ts"
import { position } from "../yaml/Position.ts"
import type { Network } from "../../workload/Workload.ts"

/** Two ports that want one port of the host: the second one could not be opened. */
export class HostPortTaken extends Schema.TaggedError<HostPortTaken>()("HostPortTaken", {
  ...position,
  hostPort: Schema.Int,
  protocol: Schema.String,
  /** Of the first port that has it. */
  firstLine: Schema.Int
}) {
  override get message(): string {
    return `the host's ${this.protocol} port ${this.hostPort} is already taken by the port on line ${this.firstLine}`
  }
  get advice(): string {
    return "Give each a port of its own, or an address of its own by hostIP."
  }
}

/** Two containers that share a network and listen on one port: most likely the second one fails to. */
export class ContainerPortShared extends Schema.TaggedClass<ContainerPortShared>()("ContainerPortShared", {
  ...position,
  containerPort: Schema.Int,
  protocol: Schema.String,
  /** Of the first port that has it. */
  firstLine: Schema.Int
}) {
  get message(): string {
    return `the Pod's ${this.protocol} port ${this.containerPort} is already listened on, by the port on line ${this.firstLine}`
  }
  get advice(): string {
    return "The containers of a Pod share its network: let each listen on a port of its own."
  }
}

/**
 * Looks for ports that cannot be open at the same time. `groups` are the ports of containers that run side by side: those
 * of the containers and sidecars together, and those of each init container.
 */
export const checkPortConflicts = (
  groups: ReadonlyArray<ReadonlyArray<CheckedPort>>,
  network: Network["_tag"],
  check: Check<HostPortTaken, ContainerPortShared>
): void => {
  for (const ports of groups) {
    const published = new Map<string, HostPort>()
    const listening = new Map<string, Place>()
    for (const { port, place } of ports) {
      const { containerPort, hostPort, hostIp, protocol } = port
      const taken = hostPort === undefined ? undefined : take(published, `${protocol} ${hostPort}`, hostIp, place)
      const shared = listening.get(`${protocol} ${containerPort}`)
      if (hostPort !== undefined && taken !== undefined) {
        check.slip(place, HostPortTaken, { hostPort, protocol, firstLine: check.lineOf(taken) })
      } else if (network === "Pod" && shared !== undefined) {
        check.warning(place, ContainerPortShared, { containerPort, protocol, firstLine: check.lineOf(shared) })
      }
      if (shared === undefined) listening.set(`${protocol} ${containerPort}`, place)
    }
  }
}

/** Who has a port of the host, by the family of its address. */
type HostPort = Readonly<Record<"v4" | "v6", { all: Place | undefined; readonly byAddress: Map<string, Place> }>>

/**
 * The place of a port that has it already; remembers this one if there is none. Without an address it is on all of
 * them.
 */
const take = (
  published: Map<string, HostPort>,
  key: string,
  hostIp: string | undefined,
  place: Place
): Place | undefined => {
  const port = published.get(key) ?? {
    v4: { all: undefined, byAddress: new Map<string, Place>() },
    v6: { all: undefined, byAddress: new Map<string, Place>() }
  }
  published.set(key, port)
  const families = hostIp === undefined ? [port.v4, port.v6] : [hostIp.includes(":") ? port.v6 : port.v4]
  const isAll = hostIp === undefined || isUnspecified(hostIp)
  for (const { all, byAddress } of families) {
    const [any] = byAddress.values()
    const taken = all ?? (isAll ? any : byAddress.get(hostIp))
    if (taken !== undefined) return taken
  }
  for (const family of families) {
    if (isAll) family.all = place
    else family.byAddress.set(hostIp, place)
  }
  return undefined
}
