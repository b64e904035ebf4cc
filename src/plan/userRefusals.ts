import * as Option from "effect/Option"
import { imageOf, isImagePresent, isLost, type Observation } from "../observation/Observation.ts"
import { atDigest } from "../workload/ImageReference.ts"
import type { Container } from "../workload/Workload.ts"
import type { Fate } from "./comparison.ts"
import { type ImageUserRefused, refusalOf } from "./ImageUserRefused.ts"
import { subjectOf } from "./Member.ts"
import type { StepList } from "./Step.ts"

const needsNonRoot = ({ security }: Container): boolean =>
  (security?.runAsNonRoot === true || security?.rootForbiddenBy !== undefined) && security.runAsUser === undefined

/** Which policy asks for it, if the declaration itself does not. */
const policyOf = ({ security }: Container): { readonly policy?: string } =>
  security?.runAsNonRoot === true || security?.rootForbiddenBy === undefined ? {} : { policy: security.rootForbiddenBy }

/** What is known now: of containers that are kept, and of images that the engine holds. */
export const userRefusals = (fates: ReadonlyArray<Fate>, observation: Observation): ReadonlyArray<ImageUserRefused> =>
  fates.flatMap(({ member: { container }, fate, kept }) => {
    if (!needsNonRoot(container) || fate === "done") return []
    const of = { container: container.name, image: container.image.text, ...policyOf(container) }
    if (Option.isSome(kept)) {
      return isLost(kept.value) ? [] : Option.toArray(refusalOf(of, kept.value.config.user ?? ""))
    }
    const image = imageOf(observation, container.image)
    if (!isImagePresent(image) || Option.isNone(image.local)) return []
    return Option.toArray(refusalOf(of, image.local.value.config.user ?? ""))
  })

/** The same once the images are there that are yet to be pulled. Gives the ids of the steps. */
export const planUserChecks = (
  steps: StepList,
  created: ReadonlyArray<Fate>,
  observation: Observation,
  pulls: ReadonlyArray<string>
): ReadonlyArray<string> =>
  created.flatMap(({ member }) => {
    const { container } = member
    const image = imageOf(observation, container.image)
    if (!needsNonRoot(container) || isImagePresent(image)) return []
    const { wanted } = image
    return steps.add(
      "judge the user of",
      subjectOf(member),
      {
        _tag: "JudgeUser",
        containerName: container.name,
        declared: container.image,
        ...policyOf(container),
        image: wanted._tag === "Known" ? atDigest(container.image, wanted.digest) : container.image
      },
      "it is not to run as root, and its image has to be pulled to know",
      pulls
    )
  })
