import * as Schema from "effect/Schema"
import { nearest, orElse } from "../../text/nearest.ts"
import { position } from "../yaml/Position.ts"
import type { Check } from "./Check.ts"

/** A value that is none of those that its key has. */
export class SecurityChoiceInvalid extends Schema.TaggedError<SecurityChoiceInvalid>()("SecurityChoiceInvalid", {
  ...position,
  /** As in `spec.securityContext.seccompProfile.type`. */
  path: Schema.String,
  /** Empty where nothing is written. */
  found: Schema.String,
  choices: Schema.Array(Schema.String),
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return this.found === "" ? `${this.path} is missing` : `${this.path} cannot be "${this.found}"`
  }
  get advice(): string {
    const [last, ...others] = this.choices.toReversed()
    return orElse(this.suggestion, `Write ${others.toReversed().join(", ")} or ${last}.`)
  }
}

/** One of the words that a key has; undefined where none is written, or another. */
export const checkChoice = <K extends string, const Choice extends string>(
  owner: { readonly [key in K]?: string },
  key: K,
  choices: ReadonlyArray<Choice>,
  check: Check<SecurityChoiceInvalid, never>
): Choice | undefined => {
  const place = check.at(owner, key)
  const text = owner[key]
  if (text === undefined || place.invalid) return undefined
  const choice = choices.find((choice) => choice === text)
  if (choice === undefined) {
    const found = check.quote(owner, key)
    const suggestion = text === "" ? undefined : nearest(text, choices)
    check.slip(place, SecurityChoiceInvalid, { path: place.path, found, choices, suggestion })
  }
  return choice
}
