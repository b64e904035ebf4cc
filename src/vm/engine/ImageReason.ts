import * as Schema from "effect/Schema"
import { engineFields } from "./engineFields.ts"
import type { FailureOrigin } from "./FailureOrigin.ts"

const fields = { ...engineFields, image: Schema.String }

/** The image exists, but not for this machine's operating system and processor. */
export class PlatformMissing extends Schema.TaggedError<PlatformMissing>()("PlatformMissing", {
  ...engineFields,
  /** The reference that was requested, if it was a pull. */
  image: Schema.optional(Schema.String)
}) {
  get origin(): FailureOrigin {
    return "image"
  }
  get isRetryable() {
    return false
  }
  get meaning() {
    return "the image is not built for this machine"
  }
  get advice() {
    return "Build it for this machine's processor too, as in `docker buildx build --platform linux/amd64,linux/arm64 --push`, or take a machine that it is made for."
  }
}

/** The engine cannot use what was pushed under the image's name. */
export class ImageUnusable extends Schema.TaggedError<ImageUnusable>()("ImageUnusable", fields) {
  get origin(): FailureOrigin {
    return "image"
  }
  get isRetryable() {
    return false
  }
  get meaning() {
    return "this is not an image that the engine can use"
  }
  get advice() {
    return "It may be a chart, a signature or another artifact, an image of the old schema 1, or have damaged layers: build the image and push it again."
  }
}
