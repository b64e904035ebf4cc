import * as Effect from "effect/Effect"
import type { ContainerSpec } from "../../vm/engine/ContainerSpec.ts"
import type { DockerError } from "../../vm/engine/DockerError.ts"
import { wallMillis } from "../host/SimulatedClock.ts"
import type { SimulatedFiles } from "../host/SimulatedFiles.ts"
import type { EngineParts } from "./EngineParts.ts"
import { failIf, refused } from "./refused.ts"
import type { MountSeen, SimulatedContainer } from "./SimulatedContainer.ts"
import { layersLost, markedForRemoval } from "./stuckContainer.ts"

/** Starts a container that does not run. */
export const startContainer = Effect.fnUntraced(function* (
  { calls, containers, files, product }: EngineParts,
  container: SimulatedContainer
): Effect.fn.Return<void, DockerError> {
  const operation = `start container ${container.name}`
  yield* failIf(markedForRemoval("start", container) ?? layersLost(operation, container))
  const source = missingSource(files, container.spec)
  if (source !== undefined) {
    container.error = sourceMissing(source)
    return yield* refused(operation, 400, container.error)
  }
  const program = container.missingProgram
  if (program !== undefined) {
    container.exitCode = product === "Podman" ? 0 : 127
    container.error = `failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "${program}": executable file not found in $PATH: unknown`
    return yield* refused(operation, 400, container.error)
  }
  container.start(yield* calls.now, yield* wallMillis, mountsSeen(files, container.spec))
  yield* containers.wake
})

/** The source of a bind of `Mounts` that is not on the host. */
export const missingSource = (files: SimulatedFiles, spec: ContainerSpec): string | undefined =>
  spec.mounts.find(({ source }) => !files.has(source))?.source

export const sourceMissing = (source: string): string =>
  `invalid mount config for type "bind": bind source path does not exist: ${source}`

/** What the container finds behind its mounts. The engine creates host directories of `Binds` that are missing. */
export const mountsSeen = (files: SimulatedFiles, spec: ContainerSpec): ReadonlyArray<MountSeen> => {
  const bound = spec.binds.map((bind) => {
    const [source = "", target = ""] = bind.split(":")
    if (!files.has(source)) files.makeDirectory(source)
    return { source, target }
  })
  return [...bound, ...spec.mounts].map(({ source, target }) => {
    const mount = files.mountOf(source)
    const on = mount === undefined ? "root" : (mount.disk ?? "tmpfs")
    return { source, target, on, mountedAt: mount?.target ?? "/" }
  })
}
