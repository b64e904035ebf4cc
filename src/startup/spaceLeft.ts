import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { DockerError, NoSpace } from "../vm/engine/DockerError.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { Mounts } from "../vm/storage/Mounts.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import { tell } from "../progress/Progress.ts"
import { makePulledImages, type PulledImage } from "../apply/pulledImages.ts"

/** The engine's disk is full. */
export const isNoSpace = (error: unknown): error is DockerError & { readonly reason: NoSpace } =>
  Predicate.isTagged(error, "DockerError") && (error as DockerError).reason._tag === "NoSpace"

/**
 * If the engine's disk is full: says how much is free where, and which images of ours nothing here uses. What cannot be
 * found out is left out.
 */
export const tellSpaceLeft = Effect.fn("tellSpaceLeft")(function* (
  { directory }: NoSpace,
  containers: ReadonlyArray<Pick<ContainerInspection, "imageId">>
) {
  const docker = yield* DockerClient
  const mounts = yield* Mounts
  const roots =
    directory === undefined
      ? docker.dataRoots.pipe(attempt("INSPECT", "ask where the engine keeps its data"))
      : Effect.succeed([directory])
  const free = yield* roots.pipe(
    Effect.flatMap((paths) =>
      Effect.forEach(paths, (path) =>
        mounts.freeBytes(path).pipe(
          withDeadline("FILE", `see what is free at ${path}`),
          Effect.map((bytes) => [`${(bytes / 1e6).toFixed(1)} MB are free at ${path}`]),
          // Not every place in which an engine may keep its data has to exist.
          (measured) => (paths.length > 1 ? Effect.orElseSucceed(measured, () => []) : measured)
        )
      )
    ),
    Effect.map((places) => places.flat().join(", ")),
    Effect.catch((error) => Effect.succeed(`how much is free is not known (${error.message})`))
  )
  const { read } = yield* makePulledImages
  const pulled = yield* Effect.orElseSucceed(read, (): ReadonlyArray<PulledImage> => [])
  const unused = pulled.filter(({ id }) => !containers.some(({ imageId }) => imageId === id))
  const advice =
    unused.length === 0
      ? "no image that was pulled for this VM is unused"
      : `these were pulled for this VM and may go: ${unused.map(({ id, reference }) => `docker image rm ${id} (${reference})`).join(", ")}`
  yield* tell({ _tag: "Warning", text: `the engine's disk is full: ${free}; ${advice}` })
})
