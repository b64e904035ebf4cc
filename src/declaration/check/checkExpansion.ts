import type { DeclaredContainer } from "../DeclarationSchema.ts"
import type { Findings } from "../Findings.ts"
import { kubernetesReferences, placeholderInValue, shellReferences, unexpandedWords } from "./Placeholder.ts"
import { PlaceholderInValue } from "./PlaceholderProblem.ts"
import type { Place, Places } from "../yaml/Places.ts"

/**
 * Warns of what seems to wait for an expansion, and will have none: placeholders, and references to variables, in values of
 * `env`, `args` and `command`. A value itself is never shown.
 */
export const checkExpansion = (container: DeclaredContainer, places: Places, findings: Findings): void => {
  const { env, command = [], args = [] } = container
  const names = new Set(env.map(({ name }) => name).filter((name) => name !== ""))
  const warn = (place: Place, text: string): void => {
    const found = place.invalid ? undefined : awaited(text, names)
    if (found === undefined) return
    findings.warning(place.span, (position) => new PlaceholderInValue({ ...position, path: place.path, ...found }))
  }
  for (const variable of env) warn(places.of(variable, "value"), variable.value)
  const isUnexpanded = unexpandedWords([...command, ...args])
  for (const [index, word] of command.entries()) if (isUnexpanded[index]) warn(places.of(command, index), word)
  for (const [index, word] of args.entries()) {
    if (isUnexpanded[command.length + index]) warn(places.of(args, index), word)
  }
}

const awaited = (
  text: string,
  names: ReadonlySet<string>
): { readonly form: string; readonly isReference: boolean } | undefined => {
  // A script brings its own shell along.
  if (!text.includes("$") && !text.includes("{{") && !text.includes("<%")) return undefined
  if (text.includes("\n")) return undefined
  if (kubernetesReferences(text).some((name) => names.has(name))) return { form: "$(…)", isReference: true }
  const form = placeholderInValue(text)
  if (form !== undefined) return { form, isReference: false }
  return shellReferences(text).some((name) => names.has(name)) ? { form: "$…", isReference: true } : undefined
}
