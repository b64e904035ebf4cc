import * as Schema from "effect/Schema"
import { position } from "../yaml/Position.ts"
import { visible } from "../../text/printable.ts"

/** A key that does not exist, and is most likely a misspelling of one that does. */
export class KeyMisspelt extends Schema.TaggedError<KeyMisspelt>()("KeyMisspelt", {
  ...position,
  key: Schema.String,
  /** What it was written in, as in "a container". */
  owner: Schema.String,
  suggestion: Schema.String
}) {
  override get message(): string {
    return `${this.owner} has no key "${this.key}"`
  }
  get advice(): string {
    return `Did you mean "${visible(this.suggestion)}"?`
  }
}

/** A key that exists elsewhere, in this spelling or in one that is near. */
export class KeyInWrongPlace extends Schema.TaggedError<KeyInWrongPlace>()("KeyInWrongPlace", {
  ...position,
  key: Schema.String,
  owner: Schema.String,
  /** As it is spelt. */
  meant: Schema.String,
  /** What it belongs to, as in `"spec"`. */
  belongsTo: Schema.String
}) {
  override get message(): string {
    return `${this.owner} has no key "${this.key}"`
  }
  get advice(): string {
    return placeAdvice(this)
  }
}

/** Where a key belongs, and how it is spelt there. */
export const placeAdvice = (place: {
  readonly key: string
  readonly meant: string
  readonly belongsTo: string
}): string =>
  place.key === place.meant
    ? `Did you mean to put it into ${place.belongsTo}?`
    : `Did you mean "${visible(place.meant)}", in ${place.belongsTo}?`
