import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Pull from "effect/Pull"
import * as Stream from "effect/Stream"
import { atDigest, type ImageReference, pullReference } from "../workload/ImageReference.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { DockerError } from "../vm/engine/DockerError.ts"
import type { MetadataError } from "../vm/metadata/MetadataError.ts"
import { LayersToCome, type PullProgress } from "../vm/engine/PullStream.ts"
import { attempt, type Operation, type OperationTimeout, tryAgain, withDeadline } from "../timing/Deadlines.ts"
import type { ImageObservation } from "../observation/Observation.ts"
import { tell } from "../progress/Progress.ts"
import { makePulledImages } from "./pulledImages.ts"
import type { RegistryToken } from "../observation/RegistryToken.ts"

/** What a pull can fail with, the token for it included. */
export type PullError = DockerError | MetadataError | OperationTimeout

export interface ImagePull {
  readonly begin: Effect.Effect<void>
  /** Begins it if need be, and waits for its end. */
  readonly join: Effect.Effect<void, PullError>
  /**
   * Makes the declared tag stand for the image of this digest, which the engine holds, unless it does: the image is pulled
   * by its digest, and whoever else pulls the tag may move it.
   */
  readonly ensureTag: (digest: string) => Effect.Effect<void, DockerError | OperationTimeout>
  /** Whether it was begun, and has ended with this very error. */
  readonly hasFailedWith: (error: unknown) => boolean
}

/**
 * A pull that is begun at most once, as soon as it is known to be needed, and joined by the plan's step. It changes
 * nothing that runs. Closing the scope interrupts it.
 *
 * The digest that was observed is what is pulled, and then tagged as declared: the tag may have moved since it was asked
 * for. Without one the tag is pulled, whatever it stands for.
 */
export const makeImagePull = Effect.fnUntraced(function* (
  image: ImageReference,
  token: RegistryToken,
  observed: Effect.Effect<ImageObservation, PullError>
) {
  const scope = yield* Effect.scope
  const docker = yield* DockerClient
  const { noting } = yield* makePulledImages
  const reference = pullReference(image)
  const operation = `pull ${reference}`

  const ensureTag = Effect.fnUntraced(function* (digest: string) {
    const held = yield* docker.inspectImage(image).pipe(attempt("INSPECT", `inspect image ${reference}`))
    if (image.digest !== undefined || Option.exists(held, ({ digests }) => digests.includes(digest))) return
    // To have made it twice is to have made it once, so a lost answer needs no look.
    yield* docker.tagImage(atDigest(image, digest), image).pipe(attempt("INSPECT", `tag ${digest} as ${reference}`))
  })

  const pulling = Effect.gen(function* () {
    const { wanted } = yield* observed
    const digest = wanted._tag === "Known" ? wanted.digest : undefined
    const pulled = digest === undefined ? image : atDigest(image, digest)
    yield* token
      .show((shown) => drain(reference, docker.pull(pulled, shown)).pipe(tryAgain("PULL", operation)))
      .pipe(withDeadline("PULL", operation), (pull) => noting(pull, image, pulled))
    if (digest !== undefined) yield* ensureTag(digest)
  })

  const fiber = yield* pulling.pipe(Effect.withSpan("ImagePull"), Effect.forkIn(scope), Effect.cached)
  let failure: PullError | undefined
  const pull: ImagePull = {
    begin: Effect.asVoid(fiber),
    join: Effect.flatMap(fiber, Fiber.join).pipe(Effect.tapError((error) => Effect.sync(() => (failure = error)))),
    ensureTag,
    hasFailedWith: (error) => failure !== undefined && error === failure
  }
  return pull
})

/**
 * Drains the engine's pull stream under its three clocks: the first word, the pause between two, the whole. Some engines say
 * nothing while they unpack, which takes them as long as it takes: with all layers downloaded only the whole is limited.
 */
const drain = Effect.fnUntraced(function* (reference: string, stream: Stream.Stream<PullProgress, DockerError>) {
  const operation = `pull ${reference}`
  const next = yield* Stream.toPull(stream)
  const toCome = new LayersToCome()
  const tellEach = (told: ReadonlyArray<PullProgress>) =>
    Effect.forEach(
      told,
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
