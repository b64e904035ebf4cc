import { known, render, type Text } from "../../known/Text.ts"
import type { ValueSource } from "../../../workload/ValueSource.ts"

/** A line of a unit. Its value may be a secret, and is written out in the end alone. */
export interface Line {
  readonly key: string
  readonly words: ReadonlyArray<Text>
  /** The words are quoted where that is needed, and more may follow. Otherwise the line is one value, as it stands. */
  readonly isQuoted: boolean
}

/** `Key=word "another word"` */
export const words = (key: string, ...texts: ReadonlyArray<string | Text>): Line => ({
  key,
  words: texts.map(asText),
  isQuoted: true
})

/** `Key=a value with whatever is in it` */
export const line = (key: string, value: string | Text): Line => ({ key, words: [asText(value)], isQuoted: false })

export const lineIf = (key: string, value: string | number | undefined): ReadonlyArray<Line> =>
  value === undefined ? [] : [line(key, String(value))]

const asText = (text: string | Text): Text => (typeof text === "string" ? known(text) : text)

/**
 * A variable that is empty stands for a word that is: where one is written, quadlet leaves out all that follows it
 * (5.8). To systemd it is one word.
 */
export const emptyVariable = "EMPTY"

/** A "%" begins a specifier, and in what is run a "$" a variable, unless they are doubled. */
const doubled = (text: string, isRun: boolean): string => text.replaceAll(isRun ? /[%$]/g : /%/g, "$&$&")

const short: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\", '"': '\\"' }

/** As in C, as far as the characters of a line are not themselves. */
const cEscaped = (text: string): string =>
  text.replaceAll(
    /[\x00-\x1f\x7f"\\]/g,
    (character) => short[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`
  )

const isBare = (text: string): boolean => /^[\w@+=:,./%${}-]+$/.test(text)

/** A file of units: its sections, each with its lines. */
export const unitText = (
  comment: string,
  sections: ReadonlyArray<readonly [name: string, lines: ReadonlyArray<Line>]>,
  variableOf: (source: ValueSource) => string
): string => {
  const of = (text: Text, isQuoted: boolean, isRun: boolean): string => {
    const source = (source: ValueSource) => `\${${variableOf(source)}}`
    if (!isQuoted) return render(text, { literal: (part) => doubled(part, isRun), source })
    const word = render(text, { literal: (part) => cEscaped(doubled(part, isRun)), source })
    if (word === "") return `\${${emptyVariable}}`
    return isBare(word) ? word : `"${word}"`
  }
  const linesOf = (name: string, lines: ReadonlyArray<Line>) => [
    // Each once: several volumes may ask for the same.
    ...new Set(
      lines.map(({ key, words, isQuoted }) => {
        const value = words.map((word) => of(word, isQuoted, name !== "Unit" && name !== "Install"))
        return `${key}=${value.join(" ")}`
      })
    )
  ]
  return [
    `# ${comment}`,
    ...sections.flatMap(([name, lines]) => (lines.length === 0 ? [] : ["", `[${name}]`, ...linesOf(name, lines)])),
    ""
  ].join("\n")
}
