import * as Option from "effect/Option"
import { imageOf, isImagePresent, type Observation } from "../observation/Observation.ts"
import { type ImageReference, pullReference } from "../workload/ImageReference.ts"
import type { StepList } from "./Step.ts"

/** Pulls each image that the engine does not hold, as far as is known. Gives the ids of the steps. */
export const planPulls = (
  steps: StepList,
  images: ReadonlyArray<ImageReference>,
  observation: Observation
): ReadonlyArray<string> => {
  const distinct = new Map(images.map((image) => [pullReference(image), image]))
  return [...distinct].flatMap(([reference, image]) => {
    const observed = imageOf(observation, image)
    if (isImagePresent(observed)) return []
    const cause =
      observed.wanted._tag === "Unknown"
        ? `the digest of ${reference} is not known: ${observed.wanted.cause}`
        : Option.isNone(observed.local)
          ? `the engine does not hold ${reference}`
          : `${reference} stands for ${observed.wanted.digest} now, which the engine does not hold`
    return [steps.add("pull", image.text, { _tag: "Pull", image }, cause, [])]
  })
}
