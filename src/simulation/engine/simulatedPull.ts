import * as Stream from "effect/Stream"
import { type ImageReference, pullReference } from "../../workload/ImageReference.ts"
import type { PullProgress } from "../../vm/engine/PullStream.ts"
import { hexOf, type SimulatedImage } from "../network/SimulatedRegistry.ts"

interface TimedProgress {
  readonly afterMillis: number
  /** Downloaded for it. */
  readonly bytes: number
  readonly progress: PullProgress
}

const steps = 4

/**
 * The engine's progress of a pull, with its timing: each layer in quarters, then the digest, then the final status.
 * Some engines unpack silently once all layers are downloaded.
 */
export const pullProgress = (
  image: ImageReference,
  { digest, sizeBytes, layers, unpackMillis }: SimulatedImage
): Stream.Stream<TimedProgress> => {
  const totalBytes = Math.floor(sizeBytes / layers)
  const ids = Array.from({ length: layers }, (_, index) => hexOf(`${digest} layer ${index}`).slice(0, 12))
  const layer = (id: string, status: string, currentBytes?: number): PullProgress => ({
    _tag: "Layer",
    id,
    status,
    currentBytes,
    totalBytes: currentBytes === undefined ? undefined : totalBytes
  })
  const message = (text: string, afterMillis = 1): TimedProgress => ({
    afterMillis,
    bytes: 0,
    progress: { _tag: "Message", text }
  })
  const unpacked =
    unpackMillis === undefined
      ? (id: string): TimedProgress => ({ afterMillis: 40, bytes: 0, progress: layer(id, "Pull complete") })
      : (id: string): TimedProgress => ({ afterMillis: 0, bytes: 0, progress: layer(id, "Download complete") })
  return Stream.fromIterable([
    message(`Pulling from ${image.path}`),
    ...ids.map((id) => ({ afterMillis: 0, bytes: 0, progress: layer(id, "Pulling fs layer") })),
    ...ids.flatMap((id) => [
      ...Array.from({ length: steps }, (_, step) => ({
        afterMillis: 0,
        bytes: totalBytes / steps,
        progress: layer(id, "Downloading", Math.round((totalBytes * (step + 1)) / steps))
      })),
      unpacked(id)
    ]),
    message(`Digest: ${digest}`, unpackMillis),
    message(`Status: Downloaded newer image for ${pullReference(image)}`)
  ])
}
