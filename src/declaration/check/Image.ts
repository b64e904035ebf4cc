import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { named } from "../../text/named.ts"
import { orElse } from "../../text/nearest.ts"
import { type ImageReference, parseImageReference, suggestImageReference } from "../../workload/ImageReference.ts"
import { placeholderInReference, PlaceholderLeft } from "./Placeholder.ts"
import { position } from "../yaml/Position.ts"
import { registryMistake } from "./registryMistake.ts"

/** A container without an image. */
export class ImageMissing extends Schema.TaggedError<ImageMissing>()("ImageMissing", {
  ...position,
  container: Schema.String
}) {
  override get message(): string {
    return `the container ${named(this.container)}has no image`
  }
  get advice(): string {
    return 'Name one, as in "image: gcr.io/my-project/my-image:1.0".'
  }
}

/** An image reference that the engine would refuse. */
export class ImageReferenceInvalid extends Schema.TaggedError<ImageReferenceInvalid>()("ImageReferenceInvalid", {
  ...position,
  image: Schema.String,
  /** What is wrong with it, as in "the repository's name must be in lower case". */
  detail: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `"${this.image}" is not an image reference: ${this.detail}`
  }
  get advice(): string {
    return orElse(this.suggestion, "Write it as [host[:port]/]repository[:tag][@digest].")
  }
}

/** A well-formed image reference that no registry has. */
export class ImageRegistryDoubtful extends Schema.TaggedClass<ImageRegistryDoubtful>()("ImageRegistryDoubtful", {
  ...position,
  image: Schema.String,
  detail: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  get message(): string {
    return `"${this.image}" cannot be pulled: ${this.detail}`
  }
  get advice(): string {
    return orElse(this.suggestion, "Write the image's full name.")
  }
}

/** Checks a container's image. Undefined where there is none that could be pulled. */
export const checkImage = (
  container: DeclaredContainer,
  check: Check<ImageMissing | ImageReferenceInvalid | PlaceholderLeft, ImageRegistryDoubtful>
): ImageReference | undefined => {
  const place = check.at(container, "image")
  if (container.image === "" && !place.invalid) {
    check.problem(place, ImageMissing, { container: check.quote(container, "name") })
    return undefined
  }
  return checkImageReference(container, "image", check)
}

/** Checks a text that names an image. Undefined where it cannot be pulled. */
export const checkImageReference = <K extends string>(
  owner: Readonly<Record<K, string>>,
  key: K,
  check: Check<ImageReferenceInvalid | PlaceholderLeft, ImageRegistryDoubtful>
): ImageReference | undefined => {
  const text = owner[key]
  const place = check.at(owner, key)
  if (place.invalid) return undefined
  const image = check.quote(owner, key)
  /** A suggestion spells out what may not be shown. */
  const isShown = image === text
  const parsed = parseImageReference(text)
  if (Result.isSuccess(parsed)) {
    const mistake = registryMistake(parsed.success)
    if (mistake !== undefined) {
      const suggestion = isShown ? mistake.suggestion : undefined
      check.warning(place, ImageRegistryDoubtful, { image, detail: mistake.detail, suggestion })
    }
    return parsed.success
  }
  const form = placeholderInReference(text)
  if (form === undefined) {
    const suggestion = isShown ? suggestImageReference(text) : undefined
    check.problem(place, ImageReferenceInvalid, { image, detail: parsed.failure, suggestion })
  } else check.problem(place, PlaceholderLeft, { path: place.path, form })
  return undefined
}
