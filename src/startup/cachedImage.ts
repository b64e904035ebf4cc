import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { type ImageReference, pullReference } from "../workload/ImageReference.ts"
import type { ImageInspection } from "../vm/engine/Inspection.ts"
import { isRetryable } from "../timing/Deadlines.ts"
import { makePulledImages } from "../apply/pulledImages.ts"

/**
 * Whether a failed pull says nothing against the image that the engine holds: the registry is away or cannot be asked, or the
 * disk is full. The error says so itself; of any other, whatever may pass does not.
 */
export const isPassing = (error: unknown): boolean =>
  Predicate.hasProperty(error, "isPassing") ? error.isPassing === true : isRetryable(error)

/**
 * That it is the cached one, how old it is as far as the wall clock can tell, and why. Of when it was pulled some engines
 * know nothing, unlike us.
 */
export const cachedWarning = Effect.fnUntraced(function* (
  image: ImageReference,
  local: ImageInspection,
  cause: string
) {
  const now = DateTime.toEpochMillis(yield* DateTime.now)
  const { pulledAt } = yield* makePulledImages
  const time = Option.orElse(yield* pulledAt(local.id), () => Option.fromUndefinedOr(local.taggedAt))
  const age = Option.match(time, { onNone: () => "of unknown age", onSome: (time) => ageOf(time, now) })
  return `the image is the cached ${pullReference(image)} (${age}), which may not be the present one: ${cause}`
})

/** One that was pulled in the future, by a clock that has been set back since, has no age that could be told. */
const ageOf = (time: number, now: number): string => {
  const minutes = Math.round((now - time) / 60_000)
  const ago = minutes < 0 ? "" : minutes === 0 ? ", just now" : `, ${Duration.format(Duration.minutes(minutes))} ago`
  return `pulled ${DateTime.formatIso(DateTime.makeUnsafe(time))}${ago}`
}
