import type { ImagePullPolicy } from "./ImagePullPolicy.ts"
import { type ImageReference, pullReference } from "./ImageReference.ts"
import { allContainers, type Containers, type ImageVolume } from "./Workload.ts"

/** What has an image: a container, or a volume. */
export interface Imaged {
  readonly image: ImageReference
  readonly imagePullPolicy?: Exclude<ImagePullPolicy, "Always">
}

type WithImages = Containers<Imaged> & { readonly volumes: ReadonlyArray<{ readonly _tag: string } | ImageVolume> }

/** All that has an image, each container and each volume. */
export const allImaged = (workload: WithImages): ReadonlyArray<Imaged> => [
  ...allContainers(workload),
  ...workload.volumes.filter((volume): volume is ImageVolume => volume._tag === "Image")
]

/** Each image of the workload, once. */
export const imagesOf = (workload: WithImages): ReadonlyArray<ImageReference> => [
  ...new Map(allImaged(workload).map(({ image }) => [pullReference(image), image])).values()
]

/** An image is looked up once for all that have it: as the one wants it that wants most. */
export const pullPolicyOf = (workload: WithImages, image: ImageReference): ImagePullPolicy => {
  const reference = pullReference(image)
  const policies = new Set(
    allImaged(workload)
      .filter((one) => pullReference(one.image) === reference)
      .map(({ imagePullPolicy = "Always" }) => imagePullPolicy)
  )
  return (["Always", "IfNotPresent", "Never"] as const).find((policy) => policies.has(policy)) ?? "Always"
}
