import * as Result from "effect/Result"
import type { EnvLine } from "./envFile.ts"
import { SourceInvalid } from "./SourceInvalid.ts"

/** A file of variables. */
export interface DotenvSource {
  /** Names it, in errors. */
  readonly file: string
  readonly text: string
  /** Replaces the variables in a value, which the lines before may have set. `name` is that of the line. */
  readonly expand: (value: string, name: string, before: ReadonlyMap<string, string>) => string
}

/**
 * A `.env` file as Docker Compose reads it: quotes, values of several lines, comments, `export`, variables in values.
 * Without a value where the name stands alone. Source: dotenv/parser.go of compose-spec/compose-go.
 */
export const parseDotenv = ({
  file,
  text,
  expand
}: DotenvSource): Result.Result<ReadonlyArray<EnvLine>, SourceInvalid> => {
  const source = text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n")
  const lines: Array<EnvLine> = []
  const before = new Map<string, string>()
  const fail = (at: number, detail: string, advice: string) => {
    const line = source.slice(0, at).split("\n").length
    return Result.fail(SourceInvalid.of(file, { line, path: "", detail, advice }))
  }
  const matchAt = (pattern: RegExp, at: number): RegExpExecArray | null => {
    pattern.lastIndex = at
    return pattern.exec(source)
  }
  for (let at = 0; ;) {
    at += matchAt(/(?:\s|#[^\n]*)*/y, at)![0].length
    if (at === source.length) return Result.succeed(lines)
    at += matchAt(/(?:export[^\S\n]+)?/y, at)![0].length
    const [key, written = "", end = ""] = matchAt(/([\p{L}\p{N}_.[\]\t\v\f\r \x85\xA0-]*)([=:\n]|$)/uy, at) ?? []
    const name = written.trim()
    if (key === undefined || name === "" || name.includes(" "))
      return fail(at, "it is no line of a file of variables", "Write NAME=value.")
    at += key.length
    if (end === "\n" || end === "") {
      lines.push({ name, value: undefined })
      continue
    }
    at += matchAt(/[\t\v\f\r \x85\xA0]*/y, at)![0].length
    const quote = source[at]
    let value: string
    if (quote === "'" || quote === '"') {
      const quoted = matchAt(quote === "'" ? /'((?:[^'\\]|\\[^])*)'/y : /"((?:[^"\\]|\\[^])*)"/y, at)
      if (quoted === null) return fail(at, "a quote is opened and not closed", "Close the quote.")
      at += quoted[0].length
      const inner = quoted[1]!.replaceAll(`\\${quote}`, quote)
      value = quote === "'" ? inner : expand(unescaped(inner), name, before)
    } else {
      const [unquoted] = matchAt(/[^\n]*/y, at)!
      at += unquoted.length
      value = expand(unquoted.replace(/ #[^]*$/, "").trimEnd(), name, before)
    }
    lines.push({ name, value })
    before.set(name, value)
  }
}

/** A dollar that is escaped stays one when variables are replaced. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\(?:([abfnrtv\\"$])|0(\d{0,3}))/g, (written, letter?: string, octal?: string) => {
    if (letter !== undefined) return letters[letter] ?? letter
    return /^[0-3][0-7]{2}$/.test(octal ?? "") ? String.fromCharCode(Number.parseInt(octal!, 8)) : written
  })

const letters: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  $: "$$"
}
