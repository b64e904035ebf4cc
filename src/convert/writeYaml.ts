import { Document, isScalar, type Scalar, visit } from "yaml"

/**
 * Documents as YAML that every reader takes for the same, be it of version 1.1 or 1.2: what one of them could take for
 * anything but a text is in quotes. What is undefined is left out.
 */
export const writeYaml = (...documents: ReadonlyArray<unknown>): string =>
  documents.map((value) => textOf(value)).join("---\n")

const textOf = (value: unknown): string => {
  // Objects that stand in two places are written twice.
  const document = new Document(value, { aliasDuplicateObjects: false })
  visit(document, {
    Scalar: (_, node) => {
      if (isScalar(node) && typeof node.value === "string") node.type = styleOf(node.value)
    }
  })
  return document.toString({ lineWidth: 0 }).replaceAll(breaking, escapedInQuotes)
}

/** What some readers take for the end of a line, or do not take at all. It is in texts in double quotes alone. */
const breaking = /[\x7f-\x9f\u2028\u2029\ufeff]/g
const escapedInQuotes = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`

const styleOf = (text: string): Scalar.Type => {
  if (isPlain(text)) return "PLAIN"
  return isBlock(text) ? "BLOCK_LITERAL" : "QUOTE_DOUBLE"
}

/** Words that mean something else to one reader or another. */
const words = new Set("y n yes no on off true false null nan inf infinity".split(" "))

const isPlain = (text: string): boolean =>
  /^[1-9]\d*(?:m|[KMGT]i)$/.test(text) ||
  (/^[A-Za-z/$][\w./$()+-]*(?:[:@=,][\w./$()+-]+)*(?: [\w./$()+-]+)*$/.test(text) && !words.has(text.toLowerCase()))

/** Several lines of printable characters, whose white space is not at their ends. */
const isBlock = (text: string): boolean =>
  /^[!-~][ -~]*(?:\n+(?:[ -~]*[!-~])?)*\n?$/.test(text) && text.includes("\n") && !/[ \t]\n|[ \t]$|\n\n$/.test(text)
