import { type ImageReference, pullReference } from "./ImageReference.ts"

/**
 * When a registry is asked for an image. `Always`: at each run, and what its tag stands for now is pulled. `IfNotPresent`: if
 * the engine does not hold the image. `Never`: at no time.
 */
export type ImagePullPolicy = "Always" | "IfNotPresent" | "Never"

interface Imaged {
  readonly image: ImageReference
  readonly imagePullPolicy?: Exclude<ImagePullPolicy, "Always">
}

/** An image is looked up once for all containers: as the one wants it that wants most. */
export const pullPolicyOf = (containers: ReadonlyArray<Imaged>, image: ImageReference): ImagePullPolicy => {
  const reference = pullReference(image)
  const policies = new Set(
    containers
      .filter((container) => pullReference(container.image) === reference)
      .map(({ imagePullPolicy = "Always" }) => imagePullPolicy)
  )
  return (["Always", "IfNotPresent", "Never"] as const).find((policy) => policies.has(policy)) ?? "Always"
}
