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

/** How placeholders of the usual tools begin and end, and how they are named in messages, where what is inside is not shown. */
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

/** What people write for "put yours here", where no such characters can be meant. */
const words: ReadonlyArray<readonly [pattern: RegExp, form: string]> = [
  [/\$[A-Za-z_]/, "$NAME"],
  [/<[A-Za-z][A-Za-z0-9_ -]*>/, "<NAME>"],
  [/\[[A-Za-z][A-Za-z0-9_ -]*\]/, "[NAME]"],
  [/%[A-Za-z][A-Za-z0-9_]*%/, "%NAME%"]
]

/**
 * What a template left in a text that nobody filled in, by its form: `${…}`, `{{ … }}`, `$NAME`. For names and paths, where
 * nothing of the sort is ever meant.
 */
export const placeholderIn = (text: string): string | undefined =>
  brackets.find(([open, close]) => isEnclosed(text, open, close))?.[2] ?? (variable.test(text) ? "$NAME" : undefined)

/** The same for an image's reference and a disk's name, in which there are letters, digits and few other characters. */
export const placeholderInReference = (text: string): string | undefined =>
  placeholderIn(text) ?? words.find(([word]) => word.test(text))?.[1]

/** Without an expression, so that a text of many openings and no closing is read once. */
const isEnclosed = (text: string, open: string, close: string): boolean => {
  const start = text.indexOf(open)
  return start !== -1 && text.includes(close, start + open.length)
}

/** Words that begin an action of Go's templates, as in `--format {{end}}`: these a program in the container fills in. */
const ofGo = "block|break|continue|define|else|end|if|index|join|json|len|print|printf|println|range|template|with"

const ofValues: ReadonlyArray<readonly [pattern: RegExp, form: string]> = [
  [/\$\{\{/, "${{ … }}"],
  [/\$\{[A-Za-z_][^}\s]{0,200}\}/, "${…}"],
  [/(?<!\$)\$\([A-Za-z_][^)]{0,200}\)/, "$(…)"],
  [/\{\{-?[ \t]*\.(?:Values|Release|Chart)\b/, "{{ … }}"],
  [new RegExp(`\\{\\{-?[ \\t]*(?!(?:${ofGo})\\b)[A-Za-z_][\\w.]*[ \\t]*(?:\\|[^}]{0,200})?-?\\}\\}`), "{{ … }}"],
  [/<%=/, "<%= … %>"]
]

/** The same for a value, which may hold much that only looks so: what a shell or a program's own template has is left out. */
export const placeholderInValue = (text: string): string | undefined =>
  text.includes("\n") ? undefined : ofValues.find(([pattern]) => pattern.test(text))?.[1]

/** The variables that a text refers to as Kubernetes expands them: `$(NAME)`, but not `$$(NAME)`. */
export const kubernetesReferences = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/(?<!\$)\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)/g), ([, name = ""]) => name)

/** The variables that a text refers to as a shell expands them: `$NAME`. */
export const shellReferences = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/(?<!\$)\$([A-Za-z_][A-Za-z0-9_]*)/g), ([, name = ""]) => name)

const shell = /^(?:.*\/)?(?:ba|da|a|z|k|c|tc|fi)?sh$/

/** Options whose value is a program for a shell or another interpreter: `-c`, `-lc`, `-e`, `--eval`. */
const takesProgram = /^(?:-[a-z]{0,4}[ce]|--(?:eval|command|execute|exec))$/

/** Which words of a command line no shell will see: all, unless one of the first is a shell; and no interpreter's program. */
export const unexpandedWords = (line: ReadonlyArray<string>): ReadonlyArray<boolean> => {
  const hasShell = line.slice(0, 6).some((word) => shell.test(word))
  return line.map((_, index) => !hasShell && !takesProgram.test(line[index - 1] ?? ""))
}
