import * as Arr from "effect/Array"
import * as Result from "effect/Result"

/** A line of an environment file that is not what it should be, and why; the value, which may be a secret, is not in it. */
export interface LineProblem {
  readonly line: number
  readonly why: string
}

/**
 * What an environment file sets, as systemd reads it: `NAME=value` or `NAME="value"` a line, and comments on lines of
 * their own. What systemd takes for something else than meets the eye is a problem: a comment behind a value belongs to
 * the value, a line without `=` is passed over, quotes may begin in the middle, a backslash continues a line.
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

/** Undefined where it takes more than a look to see what it is. */
const valueOf = (raw: string): string | undefined => {
  const [, double, single] = /^(?:"([^"\\]*)"|'([^']*)')$/.exec(raw) ?? []
  return double ?? single ?? (/["'\\]/.test(raw) ? undefined : raw.trim())
}
