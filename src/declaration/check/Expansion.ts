import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import type { Place } from "../yaml/Places.ts"
import {
  kubernetesReferences,
  placeholderInValue,
  shellReferences,
  unexpandedWords,
  withoutReferences
} from "./Placeholder.ts"
import { position } from "../yaml/Position.ts"

/** A placeholder in a value. It reaches the container as written, mostly but not always by mistake. */
export class PlaceholderInValue extends Schema.TaggedClass<PlaceholderInValue>()("PlaceholderInValue", {
  ...position,
  path: Schema.String,
  form: Schema.String,
  /** It names a variable of the container, as Kubernetes or a shell would expand it. */
  isReference: Schema.Boolean,
  /** That variable is declared later than the value that refers to it. */
  isLater: Schema.optionalKey(Schema.Boolean)
}) {
  get message(): string {
    if (this.isLater === true) {
      return `${this.path} refers by "${this.form}" to a variable that is declared after it; it is not expanded`
    }
    return this.isReference
      ? `${this.path} refers to a variable of the container by "${this.form}"; it is not expanded`
      : `${this.path} holds what looks like a placeholder, "${this.form}"; it is passed on as it is written`
  }
  get advice(): string {
    if (this.isLater === true) return "Declare that variable before this one."
    return this.isReference
      ? 'Write the value itself, or have a shell expand it: command: ["/bin/sh", "-c", "…"].'
      : "Write what it stands for, or have it filled in beforehand. If a program in the container fills it in, all is well."
  }
}

/**
 * Warns of placeholders and of references to variables in `env`, `args` and `command` that look as if they were to be
 * expanded, and that nothing expands: under konlet's rules all, else those that Kubernetes would leave as well. A value
 * itself is never shown.
 */
export const checkExpansion = (
  container: DeclaredContainer,
  imported: ReadonlyArray<{ readonly name: string }>,
  check: Check<never, PlaceholderInValue>
): void => {
  const { env, command = [], args = [] } = container
  const names = new Set([...imported, ...env].map(({ name }) => name).filter((name) => name !== ""))
  const warn = (place: Place, text: string, expanded: ReadonlySet<string> | undefined): void => {
    const found = place.invalid ? undefined : unexpanded(text, names, expanded)
    if (found !== undefined) check.warning(place, PlaceholderInValue, { path: place.path, ...found })
  }
  const before = check.followsKonlet ? undefined : new Set(imported.map(({ name }) => name))
  for (const variable of env) {
    warn(check.at(variable, "value"), variable.value, before)
    before?.add(variable.name)
  }
  const isUnexpanded = unexpandedWords([...command, ...args])
  for (const [index, word] of command.entries()) if (isUnexpanded[index]) warn(check.at(command, index), word, before)
  for (const [index, word] of args.entries()) {
    if (isUnexpanded[command.length + index]) warn(check.at(args, index), word, before)
  }
}

type Found = Pick<PlaceholderInValue, "form" | "isReference" | "isLater">

/** `names` has all variables of the container, `expanded` those that are expanded here: undefined where nothing is. */
const unexpanded = (
  written: string,
  names: ReadonlySet<string>,
  expanded: ReadonlySet<string> | undefined
): Found | undefined => {
  if (!written.includes("$") && !written.includes("{{") && !written.includes("<%")) return undefined
  // Several lines are a script, which brings its own shell.
  if (written.includes("\n")) return undefined
  const text = expanded === undefined ? written : withoutReferences(written, expanded)
  if (kubernetesReferences(text).some((name) => names.has(name))) {
    return { form: "$(…)", isReference: true, ...(expanded === undefined ? {} : { isLater: true }) }
  }
  const form = placeholderInValue(text)
  if (form !== undefined) return { form, isReference: false }
  return shellReferences(text).some((name) => names.has(name)) ? { form: "$…", isReference: true } : undefined
}
