import * as Arr from "effect/Array"
import * as Result from "effect/Result"

/** A bad line of an environment file, and why it is bad; never its value, which may be a secret. */
export interface LineProblem {
  readonly line: number
  readonly why: string
}

/**
 * The variables of an environment file as systemd reads it: `NAME=value` or `NAME="value"`, one a line, and comments on
 * lines of their own. What systemd reads differently from how it looks is a problem: a comment after a value belongs to
 * the value, a line without `=` is skipped, quotes may begin in the middle, a backslash continues a line.
 * Source: systemd.exec(5), EnvironmentFile.
 */
export const parseEnvironmentFile = (
  text: string
): Result.Result<ReadonlyMap<string, string>, Arr.NonEmptyReadonlyArray<LineProblem>> => {
  const values = new Map<string, string>()
  const problems: Array<LineProblem> = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const trimmed = line.trim()
    if (trimmed === "" || /^[#;]/.test(trimmed)) continue
    const [, name, raw = ""] = /^([A-Za-z_]\w*)=(.*)$/s.exec(trimmed) ?? []
    const value = name === undefined ? undefined : valueOf(raw)
    const problem =
      name === undefined
        ? /^export\s/.test(trimmed)
          ? 'leave out "export"'
          : "it is not NAME=value, without spaces around the equals sign"
        : value === undefined
          ? "put the whole value between quotes, with no quote of that kind and no backslash in it"
          : values.has(name)
            ? `${name} is set on an earlier line`
            : !/^["']/.test(raw) && /\s[#;]/.test(raw)
              ? "a comment needs a line of its own"
              : undefined
    if (problem !== undefined) problems.push({ line: index + 1, why: problem })
    if (name !== undefined && value !== undefined) values.set(name, value)
  }
  return Arr.isArrayNonEmpty(problems) ? Result.fail(problems) : Result.succeed(values)
}

/** Undefined where the value is not obvious. */
const valueOf = (raw: string): string | undefined => {
  const [, double, single] = /^(?:"([^"\\]*)"|'([^']*)')$/.exec(raw) ?? []
  return double ?? single ?? (/["'\\]/.test(raw) ? undefined : raw.trim())
}
