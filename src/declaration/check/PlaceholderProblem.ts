import * as Schema from "effect/Schema"
import type { Finding } from "../yaml/Finding.ts"
import type { Place } from "../yaml/Places.ts"
import { placeholderIn } from "./Placeholder.ts"
import { position } from "../yaml/Position.ts"

/** A template's placeholder in a name or a path, that nobody filled in. */
export class PlaceholderLeft extends Schema.TaggedError<PlaceholderLeft>()("PlaceholderLeft", {
  ...position,
  /** As in `spec.containers[0].image`. */
  path: Schema.String,
  /** As in `${…}`. */
  form: Schema.String
}) {
  override get message(): string {
    return `${this.path} still holds a placeholder: "${this.form}"`
  }
  get advice(): string {
    return "Write what it stands for, or have it filled in beforehand: a declaration is taken as it is written."
  }
}

/** The problem, if what stands at a place holds a placeholder. */
export const placeholderLeft = (
  text: string,
  { path }: Place,
  find: (text: string) => string | undefined = placeholderIn
): Finding<PlaceholderLeft>["make"] | undefined => {
  const form = find(text)
  return form === undefined ? undefined : (position) => new PlaceholderLeft({ ...position, path, form })
}

/** A placeholder in a value, which reaches the container as it is written: mostly, but not always, by mistake. */
export class PlaceholderInValue extends Schema.TaggedClass<PlaceholderInValue>()("PlaceholderInValue", {
  ...position,
  path: Schema.String,
  form: Schema.String,
  /** It names a variable of the container, as Kubernetes or a shell would expand it. */
  isReference: Schema.Boolean
}) {
  get message(): string {
    return this.isReference
      ? `${this.path} refers to a variable of the container by "${this.form}"; it is not expanded`
      : `${this.path} holds what looks like a placeholder, "${this.form}"; it is passed on as it is written`
  }
  get advice(): string {
    return this.isReference
      ? 'Write the value itself, or have a shell expand it: command: ["/bin/sh", "-c", "…"].'
      : "Write what it stands for, or have it filled in beforehand. If a program in the container fills it in, all is well."
  }
}
