import { Conflict, DockerError, EngineFailed, NotFound } from "../../vm/engine/DockerError.ts"
import type { SimulatedContainer } from "./SimulatedContainer.ts"

/** An engine's answers about a container that it has lost control of, in moby's words (20.10 to 28). */

const failed = (operation: string, detail: string): DockerError =>
  new DockerError({ reason: new EngineFailed({ operation, detail, statusCode: 500 }) })

const conflict = (operation: string, detail: string): DockerError =>
  new DockerError({ reason: new Conflict({ operation, detail }) })

/** Why it can be neither inspected nor started. A container that is being removed needs no layers for either. */
export const layersLost = (operation: string, container: SimulatedContainer): DockerError | undefined =>
  !container.isBeingRemoved && container.failsAt("inspection")
    ? failed(operation, `RWLayer of container ${container.id} is unexpectedly nil`)
    : undefined

/** Why it cannot be started or updated. */
export const markedForRemoval = (
  operation: "start" | "update",
  container: SimulatedContainer
): DockerError | undefined => {
  if (!container.isBeingRemoved) return undefined
  return operation === "start"
    ? conflict(`start container ${container.id}`, "container is marked for removal and cannot be started")
    : failed(
        `change the restart policy of ${container.id}`,
        `Cannot update container ${container.id}: container is marked for removal and cannot be "update"`
      )
}

/** Why its process does not end. */
export const unstoppable = (operation: "stop" | "remove", container: SimulatedContainer): DockerError | undefined => {
  if (!container.isUp || !container.failsAt("stop")) return undefined
  const words = "tried to kill container, but did not receive an exit event"
  return failed(
    `${operation} container ${container.id}`,
    operation === "stop"
      ? `cannot stop container: ${container.id}: ${words}`
      : `Could not kill running container ${container.id}, cannot remove - ${words}`
  )
}

/** Why it cannot be removed. From then on it is marked for removal. */
export const unremovable = (container: SimulatedContainer): DockerError | undefined => {
  const operation = `remove container ${container.id}`
  if (!container.failsAt("removal")) return undefined
  if (container.stuck.removal === "in progress") {
    container.status = "removing"
    return conflict(operation, `removal of container ${container.id} is already in progress`)
  }
  container.status = "dead"
  container.error = `container ${container.id}: driver "overlay2" failed to remove root filesystem: unlinkat /var/lib/docker/overlay2/${container.id}/merged: device or resource busy`
  return failed(operation, container.error)
}

/** Why it cannot be renamed. Between two starts Docker takes it for running, without the network that it renames too. */
export const unrenamable = (container: SimulatedContainer): DockerError | undefined => {
  const operation = `rename container ${container.id}`
  if (container.status === "restarting" && container.product === "Docker" && !container.hasJoined) {
    return new DockerError({ reason: new NotFound({ operation, detail: `sandbox ${container.id} not found` }) })
  }
  return container.failsAt("rename")
    ? failed(operation, `open /var/lib/docker/containers/${container.id}/.tmp-config.v2.json: read-only file system`)
    : undefined
}
