import * as Schema from "effect/Schema"
import { position } from "../yaml/Position.ts"

/** A template's placeholder that nobody filled in, in a name or a path. */
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
    return "Replace it, or have it replaced beforehand: a declaration is taken as it is written."
  }
}

/** How the usual tools write placeholders, and how messages name them: what is inside is not shown. */
const brackets: ReadonlyArray<readonly [open: string, close: string, form: string]> = [
  ["${{", "}}", "${{ … }}"],
  ["${", "}", "${…}"],
  ["$(", ")", "$(…)"],
  ["$[", "]", "$[…]"],
  ["{{", "}}", "{{ … }}"],
  ["{%", "%}", "{% … %}"],
  ["<%", "%>", "<% … %>"],
  ["#{", "}", "#{…}"]
]

const variable = /\$[A-Z_][A-Z0-9_]*/

/** What people write for "put yours here". */
const words: ReadonlyArray<readonly [pattern: RegExp, form: string]> = [
  [/\$[A-Za-z_]/, "$NAME"],
  [/<[A-Za-z][A-Za-z0-9_ -]*>/, "<NAME>"],
  [/\[[A-Za-z][A-Za-z0-9_ -]*\]/, "[NAME]"],
  [/%[A-Za-z][A-Za-z0-9_]*%/, "%NAME%"]
]

/**
 * A placeholder that nobody filled in, by its form: `${…}`, `{{ … }}`, `$NAME`. For names and paths, where none is
 * meant.
 */
export const placeholderIn = (text: string): string | undefined =>
  brackets.find(([open, close]) => isEnclosed(text, open, close))?.[2] ?? (variable.test(text) ? "$NAME" : undefined)

/** The same for image references and disk names, which have letters, digits and few other characters. */
export const placeholderInReference = (text: string): string | undefined =>
  placeholderIn(text) ?? words.find(([word]) => word.test(text))?.[1]

const escaped = (text: string): string => text.replaceAll(/[$(){}[\]]/g, "\\$&")

/** The same as sources of regular expressions: it is one where they match. */
export const placeholder = [
  ...brackets.map(([open, close]) => `${escaped(open)}[\\s\\S]*${escaped(close)}`),
  variable.source
].join("|")
export const placeholderOfReference = [placeholder, ...words.map(([word]) => word.source)].join("|")

/** Not a regular expression: many openings without a closing would take quadratic time. */
const isEnclosed = (text: string, open: string, close: string): boolean => {
  const start = text.indexOf(open)
  return start !== -1 && text.includes(close, start + open.length)
}

/** Words that begin an action of a Go template, as in `--format {{end}}`, which a program in the container fills in. */
const ofGo = "block|break|continue|define|else|end|if|index|join|json|len|print|printf|println|range|template|with"

const ofValues: ReadonlyArray<readonly [pattern: RegExp, form: string]> = [
  [/\$\{\{/, "${{ … }}"],
  [/\$\{[A-Za-z_][^}\s]{0,200}\}/, "${…}"],
  [/(?<!\$)\$\([A-Za-z_][^)]{0,200}\)/, "$(…)"],
  [/\{\{-?[ \t]*\.(?:Values|Release|Chart)\b/, "{{ … }}"],
  [new RegExp(`\\{\\{-?[ \\t]*(?!(?:${ofGo})\\b)[A-Za-z_][\\w.]*[ \\t]*(?:\\|[^}]{0,200})?-?\\}\\}`), "{{ … }}"],
  [/<%=/, "<%= … %>"]
]

/** The same for a value, without what is as likely to be meant for a shell or a program's own templates. */
export const placeholderInValue = (text: string): string | undefined =>
  text.includes("\n") ? undefined : ofValues.find(([pattern]) => pattern.test(text))?.[1]

/** The variables that a text refers to as Kubernetes expands them: `$(NAME)`, but not `$$(NAME)`. */
export const kubernetesReferences = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(reference), ([, name = ""]) => name)

const reference = /(?<!\$)\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)/g

/** A text without its references to variables that are expanded, which leave nothing that looks like one. */
export const withoutReferences = (text: string, expanded: ReadonlySet<string>): string =>
  text.replaceAll(reference, (written, name: string) => (expanded.has(name) ? "" : written))

/** The variables that a text refers to as a shell expands them: `$NAME`. */
export const shellReferences = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/(?<!\$)\$([A-Za-z_][A-Za-z0-9_]*)/g), ([, name = ""]) => name)

const shell = /^(?:.*\/)?(?:ba|da|a|z|k|c|tc|fi)?sh$/

/** Options whose value is a program for a shell or another interpreter: `-c`, `-lc`, `-e`, `--eval`. */
const takesProgram = /^(?:-[a-z]{0,4}[ce]|--(?:eval|command|execute|exec))$/

/** Which words of a command line no shell sees: all, unless one of the first is a shell, except interpreters' programs. */
export const unexpandedWords = (line: ReadonlyArray<string>): ReadonlyArray<boolean> => {
  const hasShell = line.slice(0, 6).some((word) => shell.test(word))
  return line.map((_, index) => !hasShell && !takesProgram.test(line[index - 1] ?? ""))
}
