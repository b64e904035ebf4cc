import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer, DeclaredVolume } from "../DeclarationSchema.ts"
import { checkImageReference, type ImageReferenceInvalid, type ImageRegistryDoubtful } from "./Image.ts"
import type { PlaceholderLeft } from "./Placeholder.ts"
import { checkPullPolicy, type ImagePullPolicyInvalid } from "./PullPolicy.ts"
import type { DeclaredVolume as CheckedVolume } from "../../workload/DeclaredWorkload.ts"
import { pullReference } from "../../workload/ImageReference.ts"
import type { ImageVolume } from "../../workload/Workload.ts"
import type { Place } from "../yaml/Places.ts"
import { position } from "../yaml/Position.ts"

/** A volume of an image that names none. */
export class ImageVolumeNameless extends Schema.TaggedError<ImageVolumeNameless>()("ImageVolumeNameless", {
  ...position,
  volume: Schema.String
}) {
  override get message(): string {
    return `the image of the volume "${this.volume}" has no reference`
  }
  get advice(): string {
    return 'Name one, as in "reference: gcr.io/my-project/my-image:1.0".'
  }
}

/** Engines mount an image into a container once. Source: the lease that moby's daemon/containerd takes for it. */
export class ImageMountedTwice extends Schema.TaggedError<ImageMountedTwice>()("ImageMountedTwice", {
  ...position,
  volume: Schema.String,
  /** Of the first mount of the same image. */
  firstLine: Schema.Int
}) {
  override get message(): string {
    return `the image of the volume "${this.volume}" is already mounted by the mount on line ${this.firstLine}: engines mount an image into a container once`
  }
  get advice(): string {
    return "Mount it once, with all that is needed of it below one path."
  }
}

export type ImageVolumeProblem = ImageVolumeNameless | ImageReferenceInvalid | ImagePullPolicyInvalid | PlaceholderLeft

/** Checks a volume of an image's files. Undefined where there is none that could be pulled. */
export const checkImageVolume = (
  volume: DeclaredVolume,
  declared: NonNullable<DeclaredVolume["image"]>,
  check: Check<ImageVolumeProblem, ImageRegistryDoubtful>
): ImageVolume | undefined => {
  const imagePullPolicy = checkPullPolicy(declared, "pullPolicy", check)
  const place = check.at(declared, "reference")
  if (declared.reference === "" && !place.invalid) {
    check.problem(place, ImageVolumeNameless, { volume: check.quote(volume, "name") })
    return undefined
  }
  const image = checkImageReference(declared, "reference", check)
  if (image === undefined) return undefined
  return { _tag: "Image", name: volume.name, image, ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }) }
}

/** Checks that no container mounts an image twice, however it is declared. */
export const checkImageMounts = (
  containers: ReadonlyArray<DeclaredContainer>,
  volumes: ReadonlyArray<CheckedVolume>,
  check: Check<ImageMountedTwice, never>
): void => {
  const images = new Map(
    volumes.flatMap((volume) => (volume._tag === "Image" ? [[volume.name, pullReference(volume.image)]] : []))
  )
  for (const { volumeMounts } of containers) {
    const firsts = new Map<string, Place>()
    for (const mount of volumeMounts) {
      const image = images.get(mount.name)
      if (image === undefined) continue
      const place = check.at(mount, "name")
      const first = firsts.get(image)
      if (first === undefined) firsts.set(image, place)
      else {
        const fields = { volume: check.quote(mount, "name"), firstLine: check.lineOf(first) }
        check.problem(place, ImageMountedTwice, fields)
      }
    }
  }
}
