import * as Option from "effect/Option"
import { imageOf, type Observation } from "../observation/Observation.ts"
import { isOfImage, type ObservedImage, volumeImagesIn } from "../observation/volumeImages.ts"
import type { MountView } from "../observation/MountView.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { pullReference } from "../workload/ImageReference.ts"
import type { Container, ImageVolume, Volume } from "../workload/Workload.ts"

/** A volume of an image that a container mounts, and what is known of the image. */
export interface VolumeImage extends ObservedImage {
  readonly volume: ImageVolume
}

/** Those that a container mounts, in the order of the declaration. */
export const volumeImagesOf = (
  { mounts }: Pick<Container, "mounts">,
  volumes: ReadonlyArray<Volume>,
  observation: Pick<Observation, "images">
): ReadonlyArray<VolumeImage> => {
  const used = new Set(mounts.map(({ volume }) => volume))
  return volumes.flatMap((volume) =>
    volume._tag === "Image" && used.has(volume.name)
      ? [{ volume, image: volume.image, observed: imageOf(observation, volume.image) }]
      : []
  )
}

export const isVolumePulled = ({ volume }: VolumeImage): boolean => volume.imagePullPolicy !== "Never"

/**
 * Which image one of its reference stands for has to be known before a container is created that mounts it, or it could not
 * be told later whether that is still the one. Then it is pulled, and planned again.
 */
export const isVolumeUncertain = (image: VolumeImage): boolean =>
  isVolumePulled(image) && image.observed.wanted._tag === "Unknown"

/** How the images that a container has mounted differ from those that it is to mount. */
export const changedVolumeImage = (
  labels: Readonly<Record<string, string>>,
  images: ReadonlyArray<VolumeImage>
): Option.Option<string> => {
  const identities = volumeImagesIn(labels)
  const changed = images.find(({ image, observed }) => !isOfImage(identities.get(pullReference(image)), observed))
  if (changed === undefined) return Option.none()
  const { volume, image, observed } = changed
  return Option.some(
    observed.wanted._tag === "Known"
      ? `the volume "${volume.name}" is of another image now: ${image.text} stands for ${observed.wanted.digest}`
      : `the volume "${volume.name}" is of another image than the engine holds for ${image.text}`
  )
}

/**
 * Whether an image that the engine had mounted for a container is not mounted any more: it does not mount it again when
 * it is restarted. Unless its mounts are in the table at all, that cannot be told.
 */
export const hasLostImage = ({ imageMountPoints = [] }: ContainerInspection, mounts: MountView): boolean =>
  imageMountPoints.some((path) => {
    const [, shared] = /^(\/.+?)\/[^/]*[0-9a-f]{64}/.exec(path) ?? []
    return shared !== undefined && mounts.isAbove(shared) && mounts.at(path) === undefined
  })
