import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { makePulledImages } from "../apply/pulledImages.ts"
import { asHeld, imageOf, type Observation } from "../observation/Observation.ts"
import { tell } from "../progress/Progress.ts"
import { isRetryable } from "../timing/Retries.ts"
import type { ImageInspection } from "../vm/engine/Inspection.ts"
import { type ImageReference, pullReference } from "../workload/ImageReference.ts"
import { match, type Memory } from "./match.ts"
import { look, type Run } from "./Run.ts"
import { isNoSpace, tellSpaceLeft } from "./spaceLeft.ts"

/**
 * Matches, and if an image cannot be pulled for a reason that says nothing against the one that the engine holds,
 * matches again with that one. Says why, and gives it as `degraded`.
 */
export const matchOrCached = (
  run: Run,
  observation: Observation,
  memory: Memory,
  degraded: ReadonlyArray<string> = []
): Effect.Effect<Degradable, Effect.Error<ReturnType<typeof match>>, Effect.Services<ReturnType<typeof match>>> =>
  match(run, observation, memory).pipe(
    Effect.map((matched) => ({ ...matched, degraded })),
    Effect.catchTag("ApplyFailed", (failed) =>
      Effect.gen(function* () {
        const { action } = failed.step
        if (action._tag !== "Pull") return yield* failed
        const { error } = failed
        if (isNoSpace(error)) yield* tellSpaceLeft(error.reason, [...observation.containers, ...observation.lost])
        const { image } = action
        const { local } = imageOf(observation, image)
        const isUsable = run.settings.pullFallback === "cached" && isPassing(error) && Option.isSome(local)
        if (!isUsable) return yield* failed
        const text = yield* cachedWarning(image, local.value, error.message)
        yield* tell({ _tag: "Warning", text })
        const images = new Map([...observation.images, [pullReference(image), asHeld(local.value)]])
        return yield* matchOrCached(run, yield* look(run, Effect.succeed(images)), memory, [...degraded, text])
      })
    )
  )

/** What it came to, and why what runs may not be what is declared now. */
export interface Degradable extends Effect.Success<ReturnType<typeof match>> {
  readonly degraded: ReadonlyArray<string>
}

/**
 * Whether a failed pull says nothing against the image that the engine holds: the registry is away or cannot be asked,
 * or the disk is full. Such errors say so themselves; of the others, none that may pass does.
 */
const isPassing = (error: unknown): boolean =>
  Predicate.hasProperty(error, "isPassing") ? error.isPassing === true : isRetryable(error)

/**
 * Says that it is the cached image, how old it is as far as the wall clock can tell, and why it is used. Unlike us,
 * some engines do not know when an image was pulled.
 */
const cachedWarning = Effect.fnUntraced(function* (image: ImageReference, local: ImageInspection, cause: string) {
  const now = DateTime.toEpochMillis(yield* DateTime.now)
  const { pulledAt } = yield* makePulledImages
  const time = Option.orElse(yield* pulledAt(local.id), () => Option.fromUndefinedOr(local.taggedAt))
  const age = Option.match(time, { onNone: () => "of unknown age", onSome: (time) => ageOf(time, now) })
  return `the image is the cached ${pullReference(image)} (${age}), which may not be the present one: ${cause}`
})

/** An image that was pulled in the future, before the clock was set back, has no age to tell. */
const ageOf = (time: number, now: number): string => {
  const minutes = Math.round((now - time) / 60_000)
  const ago = minutes < 0 ? "" : minutes === 0 ? ", just now" : `, ${Duration.format(Duration.minutes(minutes))} ago`
  return `pulled ${DateTime.formatIso(DateTime.makeUnsafe(time))}${ago}`
}
