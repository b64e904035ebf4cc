import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { type ImageReference, pullReference } from "../declaration/ImageReference.ts"
import { DockerClient } from "../vm/DockerClient.ts"
import type { DockerError, NoSpace } from "../vm/DockerError.ts"
import type { ContainerInspection } from "../vm/Inspection.ts"
import { Mounts } from "../vm/Mounts.ts"
import { StateFolder } from "../vm/StateFolder.ts"
import { attempt, withDeadline } from "./Deadlines.ts"
import { tell } from "./Progress.ts"

/** An image that a run of ours pulled. One that was there before is somebody else's, whoever runs it. */
export interface PulledImage {
  /** `sha256:…` */
  readonly id: string
  /** As it was pulled. */
  readonly reference: string
}

const entryName = "images"
const Entry = Schema.fromJsonString(Schema.Array(Schema.Struct({ id: Schema.String, reference: Schema.String })))
const decode = Schema.decodeUnknownOption(Entry)

const read = Effect.gen(function* () {
  const state = yield* StateFolder
  const kept = yield* state.read(entryName)
  return Option.getOrElse(Option.flatMap(kept, decode), (): ReadonlyArray<PulledImage> => [])
}).pipe(withDeadline("MOUNT", "read which images were pulled"))

/**
 * Which pulled images may go: neither that of the container that runs now nor the last good one. That is what ran before
 * it, or, where nothing did, the last that was pulled.
 */
export const superseded = (
  pulled: ReadonlyArray<PulledImage>,
  current: string,
  before: ReadonlyArray<string>
): ReadonlyArray<PulledImage> => {
  const others = pulled.filter(({ id }) => id !== current)
  const lastGood = before.some((id) => id !== current) ? before : others.slice(0, 1).map(({ id }) => id)
  return others.filter(({ id }) => !lastGood.includes(id))
}

/**
 * After a container came up on an image that was pulled for it: notes the image as ours and removes those of ours that
 * are superseded, so that a VM which is updated for years does not fill its disk. What is used or tagged otherwise is
 * left by the engine. That it cannot be done is no reason to fail.
 */
export const retireImages = Effect.fn("retireImages")(
  function* (image: ImageReference, current: string, before: ReadonlyArray<ContainerInspection>) {
    const docker = yield* DockerClient
    const state = yield* StateFolder
    const pulled = yield* read
    const ours = [{ id: current, reference: pullReference(image) }, ...pulled.filter(({ id }) => id !== current)]
    // First of all it is ours: a run that dies here leaves nothing behind that nobody knows of.
    yield* state
      .write(entryName, JSON.stringify(ours satisfies ReadonlyArray<PulledImage>))
      .pipe(withDeadline("MOUNT", "keep which images were pulled"))
    const old = superseded(
      ours,
      current,
      before.map(({ imageId }) => imageId)
    )
    const gone = yield* Effect.filter(old, ({ id, reference }) =>
      docker.removeImage(id).pipe(
        attempt("REMOVE", `remove image ${reference}`),
        Effect.tap((outcome) => (outcome === "removed" ? tell({ _tag: "ImageRemoved", reference, id }) : Effect.void)),
        Effect.map((outcome) => outcome !== "in use")
      )
    )
    if (gone.length > 0) {
      const left = ours.filter((one) => !gone.includes(one))
      yield* state.write(entryName, JSON.stringify(left)).pipe(withDeadline("MOUNT", "keep which images were pulled"))
    }
  },
  Effect.catch((error) => tell({ _tag: "Warning", text: `superseded images are left: ${error.message}` }))
)

/** The engine's disk is full. */
export const isNoSpace = (error: unknown): error is DockerError & { readonly reason: NoSpace } =>
  Predicate.isTagged(error, "DockerError") && (error as DockerError).reason._tag === "NoSpace"

/**
 * Where the engine's disk is full: says how much is free where, and which images of ours nothing here uses. What cannot
 * be found out is left out.
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
          withDeadline("MOUNT", `see what is free at ${path}`),
          Effect.map((bytes) => [`${(bytes / 1e6).toFixed(1)} MB are free at ${path}`]),
          // One of the places in which an engine may keep its data need not be there.
          (measured) => (paths.length > 1 ? Effect.orElseSucceed(measured, () => []) : measured)
        )
      )
    ),
    Effect.map((told) => told.flat().join(", ")),
    Effect.catch((error) => Effect.succeed(`how much is free is not known (${error.message})`))
  )
  const pulled = yield* Effect.orElseSucceed(read, (): ReadonlyArray<PulledImage> => [])
  const unused = pulled.filter(({ id }) => !containers.some(({ imageId }) => imageId === id))
  const advice =
    unused.length === 0
      ? "no image that was pulled for this VM is unused"
      : `these were pulled for this VM and may go: ${unused.map(({ id, reference }) => `docker image rm ${id} (${reference})`).join(", ")}`
  yield* tell({ _tag: "Warning", text: `the engine's disk is full: ${free}; ${advice}` })
})
