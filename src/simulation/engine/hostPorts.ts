import type { PublishedPort } from "../../vm/engine/ContainerNetwork.ts"
import type { ListenedPort } from "../VmDescription.ts"
import type { SimulatedContainer } from "./SimulatedContainer.ts"

/** Which ports the containers of a simulated engine hold, and how a start fails that needs one of them, in moby's words. */

/** Why the engine cannot publish a container's ports. */
export const publishObstacle = (
  container: SimulatedContainer,
  all: ReadonlyArray<SimulatedContainer>
): string | undefined => {
  for (const wanted of container.publishedPorts) {
    const { hostIp = "0.0.0.0", hostPort, protocol } = wanted
    const others = all.filter((other) => other !== container && other.isUp)
    const held = others.flatMap(({ publishedPorts }) => publishedPorts).find((port) => overlap(port, wanted))
    const isAllocated = held !== undefined && (held.hostIp ?? "0.0.0.0") === hostIp
    const isBound = held !== undefined || others.some((other) => holdsOnHost(other, wanted))
    if (!isAllocated && !isBound) continue
    const why = isAllocated
      ? `Bind for ${hostIp}:${hostPort} failed: port is already allocated`
      : `Error starting userland proxy: listen ${protocol}4 ${hostIp}:${hostPort}: bind: address already in use`
    return `driver failed programming external connectivity on endpoint ${container.name} (${container.id}): ${why}`
  }
  return undefined
}

/** The port on which a container's process cannot listen, as another in its network namespace does. */
export const listenObstacle = (
  container: SimulatedContainer,
  all: ReadonlyArray<SimulatedContainer>
): ListenedPort | undefined =>
  container.image.listensOn.find((wanted) =>
    all.some(
      (other) =>
        other !== container &&
        other.isUp &&
        ((other.namespace === container.namespace && other.listening.some((port) => isSame(port, wanted))) ||
          (container.namespace === "host" &&
            other.publishedPorts.some(
              ({ hostPort, protocol }) => hostPort === wanted.port && protocol === (wanted.protocol ?? "tcp")
            )))
    )
  )

const overlap = (one: PublishedPort, other: PublishedPort): boolean =>
  one.hostPort === other.hostPort &&
  one.protocol === other.protocol &&
  (one.hostIp === undefined || other.hostIp === undefined || one.hostIp === other.hostIp)

const holdsOnHost = ({ namespace, listening }: SimulatedContainer, { hostPort, protocol }: PublishedPort): boolean =>
  namespace === "host" && listening.some((port) => isSame(port, { port: hostPort, protocol }))

const isSame = (one: ListenedPort, other: ListenedPort): boolean =>
  one.port === other.port && (one.protocol ?? "tcp") === (other.protocol ?? "tcp")
