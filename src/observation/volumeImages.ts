import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { type ImageReference, pullReference } from "../workload/ImageReference.ts"
import { type ImageObservation } from "./Observation.ts"
import { volumeImagesLabel } from "./Ownership.ts"

/** What identifies each image, by its reference in full: its manifest digest, or its id where it has none. */
const Identities = Schema.fromJsonString(Schema.Record(Schema.String, Schema.String))
const decode = Schema.decodeUnknownOption(Identities)
const encode = Schema.encodeSync(Identities)

export interface ObservedImage {
  readonly image: ImageReference
  readonly observed: ImageObservation
}

/** The label of a container that mounts these images. Undefined where it mounts none. */
export const volumeImagesText = (images: ReadonlyArray<ObservedImage>): string | undefined => {
  const identities = images.flatMap(({ image, observed: { wanted } }) =>
    wanted._tag === "Unknown"
      ? []
      : [[pullReference(image), wanted._tag === "Held" ? (wanted.digest ?? wanted.imageId) : wanted.digest] as const]
  )
  return identities.length === 0
    ? undefined
    : encode(Object.fromEntries(identities.toSorted(([one], [other]) => (one < other ? -1 : 1))))
}

/** By the references of the images that a container has mounted, what identifies each. */
export const volumeImagesIn = (labels: Readonly<Record<string, string>>): ReadonlyMap<string, string> =>
  new Map(Object.entries(Option.getOrElse(decode(labels[volumeImagesLabel]), () => ({}))))

/** Whether what a label says is the wanted image, as far as is known. An image can have several digests. */
export const isOfImage = (identity: string | undefined, { local, wanted }: ImageObservation): boolean => {
  const isLocal = Option.exists(local, ({ id, digests }) => id === identity || digests.includes(identity ?? ""))
  switch (wanted._tag) {
    case "Unknown":
      return true
    case "Held":
      return identity === wanted.imageId || isLocal
    case "Known":
      return (
        identity === wanted.digest ||
        (isLocal && Option.exists(local, ({ digests }) => digests.includes(wanted.digest)))
      )
  }
}
