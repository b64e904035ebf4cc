/**
 * What no message shows of other people's text, be it a declaration, a program's output, a registry's answer or the name
 * of a file: control characters, which command a terminal, and the marks that reorder a line or break it unseen
 * (https://trojansource.codes). Every function that prepares text for people builds on this set.
 */
const unprintable = String.raw`\p{Cc}\p{Bidi_Control}\u2028\u2029`

const each = new RegExp(`[${unprintable}]`, "gu")
const eachButLineFeed = new RegExp(`(?!\\n)[${unprintable}]`, "gu")
const any = new RegExp(`[${unprintable}]`, "u")
const runs = new RegExp(`[\\s${unprintable}]+`, "gu")

/** Whether nothing of a text would be removed; tabs and line breaks are. */
export const isPrintable = (text: string): boolean => !any.test(text)

/** A text of any number of lines, as a terminal may get it. Tabs become spaces. */
export const printable = (text: string): string => text.replaceAll("\t", " ").replace(eachButLineFeed, "")

/** A piece of a declaration: whatever is replaced is replaced one for one, so that carets below it still fit. */
export const visible = (text: string): string => text.replace(each, "\uFFFD")

/** About as much as one short paragraph holds. */
const paragraph = 600

/** The text on one line, cut off at its end where it is longer than the limit. */
export const oneLine = (text: string, limit: number = paragraph): string => {
  const line = joined(text.slice(0, 4 * limit))
  return line.length > limit ? `${line.slice(0, limit)}…` : line
}

/** The same, cut off at its beginning: the last words of a program that failed say why. */
export const endOnOneLine = (text: string, limit: number = paragraph): string => {
  const line = joined(text.slice(-4 * limit))
  return line.length > limit ? `…${line.slice(-limit)}` : line
}

const joined = (text: string): string => text.replace(runs, " ").trim()
