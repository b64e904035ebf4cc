/**
 * A text as roff shows it, character for character. What stands between backticks is bold. Source: groff_char(7),
 * man(7).
 */
export const roff = (text: string): string =>
  text
    .split("`")
    .map((part, index) => (index % 2 === 0 ? prose(part) : bold(part)))
    .join("")

/** Literal words: a hyphen is a minus there, which can be copied. */
export const bold = (text: string): string => `\\fB${escaped(text).replaceAll("-", "\\-")}\\fR`

/** A flag in the midst of a sentence is literal as well. */
const prose = (text: string): string =>
  escaped(text).replaceAll(/(?<![\w-])--?(?=\w)[\w-]*/g, (flag) => flag.replaceAll("-", "\\-"))

const escaped = (text: string): string =>
  text
    .replaceAll("\\", "\\e")
    .replaceAll("^", "\\[ha]")
    .replaceAll("~", "\\[ti]")
    .replaceAll("'", "\\[aq]")
    .replaceAll('"', "\\[dq]")
    .replaceAll(
      /[^\x20-\x7e]/gu,
      (character) => `\\[u${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`
    )

/** One line of text, which no request or control character can begin. */
export const line = (text: string): string => (/^[.']/.test(text) ? `\\&${text}` : text)
