import * as Schema from "effect/Schema"

/** The engine cannot mount images. */
export class ImageVolumeUnsupported extends Schema.TaggedError<ImageVolumeUnsupported>()("ImageVolumeUnsupported", {
  volume: Schema.String,
  /** As in `Docker 26.1.5`. */
  engine: Schema.String
}) {
  override get message() {
    const { volume, engine } = this
    return (
      `the volume "${volume}" is an image, which ${engine} cannot mount: that takes Docker 28 or later. ` +
      "Copy the files into an emptyDir by an init container of the image, or put them into the container's own image."
    )
  }
}

/** The engine does not hold the image of a volume that is never to be pulled. */
export class ImageVolumeNotPresent extends Schema.TaggedError<ImageVolumeNotPresent>()("ImageVolumeNotPresent", {
  volume: Schema.String,
  image: Schema.String
}) {
  override get message() {
    const { volume, image } = this
    return (
      `the volume "${volume}" has the pullPolicy Never, and the engine does not hold ${image}. ` +
      "Pull or load it on the VM, or write IfNotPresent."
    )
  }
}
