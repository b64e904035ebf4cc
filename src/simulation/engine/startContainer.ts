import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ContainerSpec } from "../../vm/engine/ContainerSpec.ts"
import { messageFileIn } from "../../vm/engine/terminationMessageLabel.ts"
import type { DockerError } from "../../vm/engine/DockerError.ts"
import { wallMillis } from "../host/SimulatedClock.ts"
import type { SimulatedFiles } from "../host/SimulatedFiles.ts"
import { areImagesMounted } from "./engineMounts.ts"
import type { EngineParts } from "./EngineParts.ts"
import { failIf, refused } from "./refused.ts"
import { listenObstacle, publishObstacle } from "./hostPorts.ts"
import { gpusRefused, memoryOf } from "./simulatedResources.ts"
import type { SimulatedContainer } from "./SimulatedContainer.ts"
import type { MountSeen, Surroundings } from "./Surroundings.ts"
import { layersLost, markedForRemoval } from "./stuckContainer.ts"

/** Starts a container that does not run. */
export const startContainer = Effect.fnUntraced(function* (
  engine: EngineParts,
  container: SimulatedContainer
): Effect.fn.Return<void, DockerError> {
  const { calls, containers, files, product } = engine
  const operation = `start container ${container.name}`
  yield* failIf(markedForRemoval("start", container) ?? layersLost(operation, container))
  const source = missingSource(files, container.spec)
  if (source !== undefined) {
    container.error = sourceMissing(source)
    return yield* refused(operation, 400, container.error)
  }
  const part = missingPart(files, container)
  if (part !== undefined) {
    container.error = part
    return yield* refused(operation, 404, part)
  }
  const program = container.missingProgram
  if (program !== undefined) {
    container.exitCode = product === "Podman" ? 0 : 127
    container.error = `failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "${program}": executable file not found in $PATH: unknown`
    return yield* refused(operation, 400, container.error)
  }
  const gpus = gpusRefused(container.spec, engine.facts, files)
  if (gpus !== undefined) {
    container.exitCode = 128
    container.error = gpus
    return yield* refused(operation, 500, gpus)
  }
  const surroundings = surroundingsOf(engine, container)
  const obstacle = surroundings.obstacle()
  if (obstacle !== undefined) {
    container.error = obstacle
    container.exitCode ||= 128
    return yield* refused(operation, statusOf(obstacle), obstacle)
  }
  container.start(yield* calls.now, yield* wallMillis, surroundings)
  const { terminationMessage } = container
  const messageFile = Option.getOrUndefined(messageFileIn(container.spec.labels))
  // Nobody looks before it has ended.
  if (terminationMessage !== undefined && messageFile !== undefined) files.write(messageFile.file, terminationMessage)
  yield* containers.wake
})

export const surroundingsOf = (
  { containers, facts, files, networks }: EngineParts,
  container: SimulatedContainer
): Surroundings => {
  const { networkMode, namespaces } = container.spec
  const processesOf = typeof namespaces?.pid === "object" ? namespaces.pid.id : undefined
  const ipcOf = typeof namespaces?.ipc === "object" ? namespaces.ipc.id : undefined
  const joinedId = networkMode !== "host" && networkMode._tag === "Container" ? networkMode.id : undefined
  const network = networkMode !== "host" && networkMode._tag === "Network" ? networkMode.name : undefined
  return {
    seen: [...mountsSeen(files, container.spec), ...imagesSeen(files, container)],
    memoryBytes: memoryOf(container.spec, facts),
    joined: joinedId === undefined ? undefined : containers.named(joinedId),
    processes: processesOf === undefined ? undefined : containers.named(processesOf),
    obstacle: () => {
      for (const id of [ipcOf, processesOf]) {
        const holder = id === undefined ? undefined : containers.named(id)
        if (id !== undefined && holder === undefined) return `No such container: ${id}`
        if (holder?.isUp === false) return `container ${holder.id} is not running`
        if (holder !== undefined && id === ipcOf && holder.spec.namespaces?.ipc !== "shareable") {
          return `non-shareable IPC (hint: use IpcMode:shareable for the donor container): ${holder.id}`
        }
      }
      if (network !== undefined && networks.named(network) === undefined) return `network ${network} not found`
      if (joinedId === undefined) return publishObstacle(container, containers.all)
      const joined = containers.named(joinedId)
      if (joined === undefined) return `No such container: ${joinedId}`
      return joined.isUp ? undefined : `cannot join network of a non running container: ${joinedId}`
    },
    takenPort: () => listenObstacle(container, containers.all)
  }
}

const statusOf = (obstacle: string): number => {
  if (/^No such container|not found$/.test(obstacle)) return 404
  return /^cannot join|is not running$/.test(obstacle) ? 409 : 500
}

/** The source of a bind of `Mounts` that is not on the host. */
export const missingSource = (files: SimulatedFiles, spec: ContainerSpec): string | undefined =>
  spec.mounts.find(({ source }) => !files.has(source))?.source

export const sourceMissing = (source: string): string =>
  `invalid mount config for type "bind": bind source path does not exist: ${source}`

/** The words of an engine that does not find what is to be mounted of an image. */
const missingPart = (hostFiles: SimulatedFiles, container: SimulatedContainer): string | undefined => {
  const missing = container.spec.imageMounts?.find(({ subPath }, index) => {
    const files = container.mountedImages[index]?.files
    const isThere = files === undefined || files.some((file) => `${file}/`.startsWith(`${subPath}/`))
    return subPath !== undefined && !(isThere && areImagesMounted(hostFiles, container))
  })
  if (missing === undefined) return undefined
  const path = `/var/lib/docker/rootfs/overlayfs/${container.id}-${missing.source}/${missing.subPath}`
  return `cannot access path ${path}: lstat ${path}: no such file or directory`
}

const imagesSeen = (files: SimulatedFiles, container: SimulatedContainer): ReadonlyArray<MountSeen> =>
  (container.spec.imageMounts ?? []).map(({ source, target }) => ({
    source,
    target,
    on: areImagesMounted(files, container) ? "image" : "nothing",
    mountedAt: source
  }))

/** What the container finds behind its mounts. The engine creates host directories of `Binds` that are missing. */
const mountsSeen = (files: SimulatedFiles, spec: ContainerSpec): ReadonlyArray<MountSeen> => {
  const bound = spec.binds.map((bind) => {
    const [source = "", target = ""] = bind.split(":")
    if (!files.has(source)) files.makeDirectory(source)
    return { source, target }
  })
  return [...bound, ...spec.mounts].map(({ source, target }) => {
    const mount = files.mountOf(source)
    const on = mount === undefined ? "root" : (mount.disk ?? (mount.type === "tmpfs" ? "tmpfs" : "directory"))
    return { source, target, on, mountedAt: mount?.target ?? "/" }
  })
}
