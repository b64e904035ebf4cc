import { CST } from "yaml"

/** Whether an escape in double quotes is `\\'`. It is none of YAML, but of Go's, and so of Kubernetes': a single quote. */
export const isQuoteEscaped = (text: string, offset: number): boolean => text.startsWith("\\'", offset)

/** The value of a scalar in double quotes, which may have such escapes. */
export const unescapeQuotes = (source: string): string | undefined => {
  if (!source.includes("\\'")) return undefined
  const meant = source.replaceAll(/\\([^])/g, (escape, character: string) => (character === "'" ? "'" : escape))
  return CST.resolveAsScalar({ type: "double-quoted-scalar", offset: 0, indent: 0, source: meant }, true, () => {})
    .value
}
