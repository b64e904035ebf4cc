import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { type ImageReference, pullReference } from "../declaration/ImageReference.ts"
import type { ImageInspection } from "../vm/Inspection.ts"
import { isRetryable } from "./Deadlines.ts"
import type { ImageObservation } from "./Observation.ts"

/**
 * Whether a failed pull says nothing against the image that the engine holds: the registry is away or cannot be asked, or the
 * disk is full. The error says so itself; of any other, whatever may pass does not.
 */
export const isPassing = (error: unknown): boolean =>
  Predicate.hasProperty(error, "isPassing") ? error.isPassing === true : isRetryable(error)

/** What the engine holds, taken for what is wanted. */
export const cachedImage = (local: ImageInspection): ImageObservation => {
  const wanted = { _tag: "Cached", digest: local.digests[0], imageId: local.id } as const
  return { local: Option.some(local), wanted }
}

/** That it is the cached one, how old it is as far as the wall clock can tell, and why. */
export const cachedWarning = Effect.fnUntraced(function* (
  image: ImageReference,
  { taggedAt }: ImageInspection,
  cause: string
) {
  const minutes = Math.round((DateTime.toEpochMillis(yield* DateTime.now) - (taggedAt ?? 0)) / 60_000)
  // One that was pulled in the future, by a clock that has been set back since, has no age that could be told.
  const ago = minutes < 0 ? "" : minutes === 0 ? ", just now" : `, ${Duration.format(Duration.minutes(minutes))} ago`
  const age =
    taggedAt === undefined ? "of unknown age" : `pulled ${DateTime.formatIso(DateTime.makeUnsafe(taggedAt))}${ago}`
  return `the image is the cached ${pullReference(image)} (${age}), which may not be the present one: ${cause}`
})
