import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Pull from "effect/Pull"
import * as Stream from "effect/Stream"
import { atDigest, type ImageReference, pullReference } from "../workload/ImageReference.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { DockerError } from "../vm/engine/DockerError.ts"
import { LayersToCome, type PullProgress } from "../vm/engine/PullStream.ts"
import { type Operation, type OperationTimeout, withDeadline } from "../timing/Deadlines.ts"
import { attempt, retrying } from "../timing/Retries.ts"
import type { ImageObservation } from "../observation/Observation.ts"
import { tell } from "../progress/Progress.ts"
import { makePulledImages } from "./pulledImages.ts"
import type { AccessError, RegistryAccess } from "../observation/RegistryAccess.ts"

/** What a pull can fail with, the credentials for it included. */
export type PullError = DockerError | AccessError | OperationTimeout

export interface ImagePull {
  readonly begin: Effect.Effect<void>
  /** Begins it if need be, and waits for its end. */
  readonly join: Effect.Effect<void, PullError>
  /**
   * Makes the declared tag stand for the image of this digest, which the engine holds, unless it does: the image is pulled
   * by its digest, and whoever else pulls the tag may move it.
   */
  readonly ensureTag: (digest: string) => Effect.Effect<void, DockerError | OperationTimeout>
}

/** The pulls of a workload's images. */
export interface ImagePulls {
  readonly of: (image: ImageReference) => ImagePull
}

/** An image of the workload, how its registry is asked, and what it has answered. */
export interface AskedImage {
  readonly image: ImageReference
  readonly registry: RegistryAccess
  readonly observed: Effect.Effect<ImageObservation, PullError>
}

/** The pulls of these images, one for each. Closing the scope interrupts them. */
export const makeImagePulls = Effect.fnUntraced(function* (asked: ReadonlyArray<AskedImage>) {
  const { noting } = yield* makePulledImages
  const pulls = new Map<string, ImagePull>()
  for (const one of asked) pulls.set(pullReference(one.image), yield* makeImagePull(one, noting))
  const all: ImagePulls = {
    of: (image) => {
      const pull = pulls.get(pullReference(image))
      if (pull === undefined) throw new Error(`no image of the workload is ${pullReference(image)}`)
      return pull
    }
  }
  return all
})

/**
 * A pull that is begun at most once, as soon as it is known to be needed, and joined by the plan's step. It changes
 * nothing that runs.
 *
 * The digest that was observed is what is pulled, and then tagged as declared: the tag may have moved since it was asked
 * for. Without one the tag is pulled, whatever it stands for.
 */
const makeImagePull = Effect.fnUntraced(function* (
  { image, registry, observed }: AskedImage,
  noting: Effect.Success<typeof makePulledImages>["noting"]
) {
  const scope = yield* Effect.scope
  const docker = yield* DockerClient
  const reference = pullReference(image)
  const operation = `pull ${reference}`

  const ensureTag = Effect.fnUntraced(function* (digest: string) {
    const held = yield* docker.inspectImage(image).pipe(attempt("INSPECT", `inspect image ${reference}`))
    if (image.digest !== undefined || Option.exists(held, ({ digests }) => digests.includes(digest))) return
    // Tagging twice does no harm, so a lost answer needs no check.
    yield* docker.tagImage(atDigest(image, digest), image).pipe(attempt("INSPECT", `tag ${digest} as ${reference}`))
  })

  const pulling = Effect.gen(function* () {
    const { wanted } = yield* observed
    const digest = wanted._tag === "Known" ? wanted.digest : undefined
    const pulled = digest === undefined ? image : atDigest(image, digest)
    yield* registry
      .ask((credentials) => drain(reference, docker.pull(pulled, credentials)).pipe(retrying("PULL", operation)))
      .pipe(withDeadline("PULL", operation), (pull) => noting(pull, image, pulled))
    if (digest !== undefined) yield* ensureTag(digest)
  })

  const fiber = yield* pulling.pipe(Effect.withSpan("ImagePull"), Effect.forkIn(scope), Effect.cached)
  const pull: ImagePull = {
    begin: Effect.asVoid(fiber),
    join: Effect.flatMap(fiber, Fiber.join),
    ensureTag
  }
  return pull
})

/**
 * Drains the engine's pull stream under its three clocks: the first word, the pause between two, the whole. Some
 * engines say nothing while they unpack, which takes them as long as it takes: with all layers downloaded only the
 * whole is limited.
 */
const drain = Effect.fnUntraced(function* (reference: string, stream: Stream.Stream<PullProgress, DockerError>) {
  const operation = `pull ${reference}`
  const next = yield* Stream.toPull(stream)
  const toCome = new LayersToCome()
  const tellEach = (pieces: ReadonlyArray<PullProgress>) =>
    Effect.forEach(
      pieces,
      (progress) => {
        toCome.add(progress)
        return tell({ _tag: "Pulling", image: reference, progress })
      },
      { discard: true }
    )
  const nextWithin = (clock: Operation) => Effect.flatMap(next.pipe(withDeadline(clock, operation)), tellEach)
  const rest = Effect.suspend(() => (toCome.areDone ? Effect.flatMap(next, tellEach) : nextWithin("PULL_STALL")))
  yield* nextWithin("PULL_FIRST_BYTE").pipe(
    Effect.andThen(Effect.forever(rest)),
    Pull.catchDone(() => Effect.void)
  )
}, Effect.scoped)
