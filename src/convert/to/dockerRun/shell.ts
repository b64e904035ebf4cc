import { render, type Text } from "../../known/Text.ts"
import type { ValueSource } from "../../../workload/ValueSource.ts"

/** A word as a POSIX shell reads it: as it is where that is safe, else in single quotes. */
export const quote = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`

/** The same of a text with parts that variables of the shell hold. */
export const quoteText = (text: Text, variableOf: (source: ValueSource) => string): string => {
  const quoted = render(text, { literal: quote, source: (source) => `"$${variableOf(source)}"` })
  return quoted === "" ? "''" : quoted
}
