import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import type { Place } from "../yaml/Places.ts"
import { kubernetesReferences, placeholderInValue, shellReferences, unexpandedWords } from "./Placeholder.ts"
import { position } from "../yaml/Position.ts"

/** A placeholder in a value. It reaches the container as written, mostly but not always by mistake. */
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

/**
 * Warns of placeholders and of references to variables in `env`, `args` and `command`: they look as if they were to be
 * expanded, and nothing expands them. A value itself is never shown.
 */
export const checkExpansion = (container: DeclaredContainer, check: Check<never, PlaceholderInValue>): void => {
  const { env, command = [], args = [] } = container
  const names = new Set(env.map(({ name }) => name).filter((name) => name !== ""))
  const warn = (place: Place, text: string): void => {
    const found = place.invalid ? undefined : unexpanded(text, names)
    if (found !== undefined) check.warning(place, PlaceholderInValue, { path: place.path, ...found })
  }
  for (const variable of env) warn(check.at(variable, "value"), variable.value)
  const isUnexpanded = unexpandedWords([...command, ...args])
  for (const [index, word] of command.entries()) if (isUnexpanded[index]) warn(check.at(command, index), word)
  for (const [index, word] of args.entries()) {
    if (isUnexpanded[command.length + index]) warn(check.at(args, index), word)
  }
}

const unexpanded = (
  text: string,
  names: ReadonlySet<string>
): { readonly form: string; readonly isReference: boolean } | undefined => {
  if (!text.includes("$") && !text.includes("{{") && !text.includes("<%")) return undefined
  // Several lines are a script, which brings its own shell.
  if (text.includes("\n")) return undefined
  if (kubernetesReferences(text).some((name) => names.has(name))) return { form: "$(…)", isReference: true }
  const form = placeholderInValue(text)
  if (form !== undefined) return { form, isReference: false }
  return shellReferences(text).some((name) => names.has(name)) ? { form: "$…", isReference: true } : undefined
}
