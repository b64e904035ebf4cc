/**
 * Labels or annotations as Kubernetes writes them into a file: `key="value"`, one a line, in the order of the keys, the
 * last line without a line feed.
 *
 * Source: FormatMap in Kubernetes' pkg/fieldpath/fieldpath.go, and Go's strconv.Quote.
 */
export const formatMap = (values: Readonly<Record<string, string>> = {}): string =>
  Object.keys(values)
    .toSorted((one, other) => (one < other ? -1 : 1))
    .map((key) => `${key}=${quoted(values[key] ?? "")}`)
    .join("\n")

const quoted = (text: string): string => `"${Array.from(text, escaped).join("")}"`

const short: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"]
])

/** As to Go, letters, marks, numbers, punctuation, symbols and the plain space can be printed. */
const escaped = (character: string): string => {
  const known = short.get(character)
  if (known !== undefined) return known
  if (/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  const hex = (digits: number) => code.toString(16).padStart(digits, "0")
  if (code < 0x20 || code === 0x7f) return `\\x${hex(2)}`
  return code < 0x10000 ? `\\u${hex(4)}` : `\\U${hex(8)}`
}
