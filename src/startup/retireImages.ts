import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { volumeImagesIn } from "../observation/volumeImages.ts"
import { atDigest, type ImageReference, parseImageReference, pullReference } from "../workload/ImageReference.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { attempt } from "../timing/Retries.ts"
import { tell } from "../progress/Progress.ts"
import { makePulledImages, type PulledImage } from "../apply/pulledImages.ts"

/**
 * Which pulled images may go once the containers are up: all but theirs and the last good ones. Those are what ran
 * before them, or, if nothing that had come up did, the last that had, as many as there are images now.
 */
export const superseded = (
  pulled: ReadonlyArray<PulledImage>,
  current: ReadonlyArray<string>,
  before: ReadonlyArray<string>
): ReadonlyArray<PulledImage> => {
  const others = pulled.filter(({ id }) => !current.includes(id))
  const isGood = (id: string) =>
    !current.includes(id) && !others.some((other) => other.id === id && other.cameUp === false)
  const ranBefore = before.filter(isGood)
  const lastGood =
    ranBefore.length > 0
      ? ranBefore
      : others
          .map(({ id }) => id)
          .filter(isGood)
          .slice(0, new Set(current).size)
  return others.filter(({ id }) => !lastGood.includes(id))
}

/**
 * Which pulled images may go if no container came up: those from which none ever did, except the declared ones, which
 * are retried.
 */
export const neverUp = (
  pulled: ReadonlyArray<PulledImage>,
  declared: ReadonlyArray<string>
): ReadonlyArray<PulledImage> => pulled.filter(({ id, cameUp }) => cameUp === false && !declared.includes(id))

/**
 * After the containers came up: records that their images have, and removes superseded images of ours, so that a VM
 * which is updated for years does not fill its disk.
 */
export const retireSuperseded = Effect.fn("retireSuperseded")(
  function* (containers: ReadonlyArray<ContainerInspection>, before: ReadonlyArray<ContainerInspection>) {
    const images = yield* makePulledImages
    const pulled = yield* images.read
    const current = yield* imageIdsOf(containers)
    const isCurrent = ({ id }: PulledImage) => current.includes(id)
    const own = pulled.filter(isCurrent)
    const ordered = [...own.map((one) => ({ ...one, cameUp: true })), ...pulled.filter((one) => !isCurrent(one))]
    const isNoted = pulled.slice(0, own.length).every((one) => isCurrent(one) && one.cameUp === true)
    if (!isNoted) yield* images.write(ordered)
    const old = superseded(ordered, current, yield* imageIdsOf(before))
    yield* retire(ordered, old)
  },
  Effect.catch((error) => tell({ _tag: "Warning", text: `superseded images are left: ${error.message}` }))
)

/** The images of containers, and those that they have mounted, as far as the engine still has them by that name. */
const imageIdsOf = Effect.fnUntraced(function* (containers: ReadonlyArray<ContainerInspection>) {
  const docker = yield* DockerClient
  const mounted = containers.flatMap(({ labels }) => [...volumeImagesIn(labels)])
  const ids = yield* Effect.forEach(mounted, ([reference, identity]) =>
    Result.match(parseImageReference(reference), {
      onFailure: () => Effect.succeed([identity]),
      onSuccess: (image) =>
        docker.inspectImage(atDigest(image, identity)).pipe(
          attempt("INSPECT", `inspect image ${reference}`),
          // What identifies it may be its id.
          Effect.map((found) => [identity, ...Option.toArray(found).map(({ id }) => id)])
        )
    })
  )
  return [...containers.map(({ imageId }) => imageId), ...ids.flat()]
})

/** After a run that failed: removes the images that were pulled for such runs before it. */
export const retireNeverUp = Effect.fn("retireNeverUp")(
  function* (declared: ReadonlyArray<ImageReference>) {
    const docker = yield* DockerClient
    const images = yield* makePulledImages
    const pulled = yield* images.read
    if (pulled.every(({ cameUp }) => cameUp !== false)) return
    const held = yield* Effect.forEach(
      declared,
      (image) => docker.inspectImage(image).pipe(attempt("INSPECT", `inspect image ${pullReference(image)}`)),
      { concurrency: "unbounded" }
    )
    const ids = held.flatMap((image) => Option.toArray(image)).map(({ id }) => id)
    yield* retire(pulled, neverUp(pulled, ids))
  },
  Effect.catch((error) =>
    tell({ _tag: "Warning", text: `images that no container came up on are left: ${error.message}` })
  )
)

/**
 * The engine keeps images that are in use or have another name; these, and those that it fails to remove, are tried
 * again by later runs.
 */
const retire = Effect.fnUntraced(function* (pulled: ReadonlyArray<PulledImage>, old: ReadonlyArray<PulledImage>) {
  const docker = yield* DockerClient
  const images = yield* makePulledImages
  const gone = yield* Effect.filter(old, ({ id, reference }) =>
    docker.removeImage(id).pipe(
      attempt("REMOVE", `remove image ${reference}`),
      Effect.tap((outcome) => (outcome === "removed" ? tell({ _tag: "ImageRemoved", reference, id }) : Effect.void)),
      Effect.map((outcome) => outcome !== "in use"),
      Effect.catch((error) =>
        Effect.as(tell({ _tag: "Warning", text: `the superseded image ${reference} is left: ${error.message}` }), false)
      )
    )
  )
  if (gone.length > 0) yield* images.write(pulled.filter((one) => !gone.includes(one)))
})
