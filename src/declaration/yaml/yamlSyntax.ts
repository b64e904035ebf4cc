import type { ErrorCode } from "yaml"
import type { Finding } from "./Finding.ts"
import { SyntaxInvalid } from "./TextProblem.ts"

/** The parser's codes, and one that it does not distinguish. */
export type SyntaxRule = ErrorCode | "UNCLOSED_QUOTE"

/** What is wrong and what to do. The parser's own messages quote the text, which may be a secret. */
const rules: Record<SyntaxRule, readonly [detail: string, advice: string]> = {
  ALIAS_PROPS: ["an alias (*name) cannot have an anchor or a tag", "Put the anchor where the alias points to."],
  BAD_ALIAS: [
    "an alias (*name) without a name, or one that no anchor (&name) before it defines",
    'Quote text that begins with "*" or "&".'
  ],
  BAD_COLLECTION_TYPE: ["a tag that does not fit its value", "Remove the tag."],
  BAD_DIRECTIVE: ['a line that begins with "%" is a directive, and this one does not exist', "Remove it."],
  BAD_DQ_ESCAPE: [
    "inside double quotes, a backslash begins an escape, and this one does not exist",
    "Double the backslash, or use single quotes."
  ],
  BAD_INDENT: [
    "the indentation does not fit the lines around it",
    "Indent the keys of one mapping, and the dashes of one list, alike."
  ],
  BAD_PROP_ORDER: ["an anchor or a tag in the wrong place", "Write it directly before its value."],
  BAD_SCALAR_START: ["plain text cannot begin with this character", "Quote the value."],
  BLOCK_AS_IMPLICIT_KEY: ['a second ": " on one line', 'Quote text that contains ": ".'],
  BLOCK_IN_FLOW: [
    "inside [] and {}, lists and mappings need brackets of their own",
    "Close the bracket, or quote the value."
  ],
  DUPLICATE_KEY: ["a key is written twice", "Keep one of them."],
  IMPOSSIBLE: ["it could not be understood", "Check the indentation, quotes and brackets here and just before."],
  KEY_OVER_1024_CHARS: ["a key is longer than 1024 characters", "Is a quote or a line break missing before it?"],
  MISSING_CHAR: ["a quote, bracket, colon or comma is missing", "Close what was opened here or just before."],
  MULTILINE_IMPLICIT_KEY: ["a key goes over several lines", "Is a colon missing on this line, or a quote at its end?"],
  MULTIPLE_ANCHORS: ["a value has two anchors (&name)", "Keep one of them."],
  MULTIPLE_DOCS: ["a second document begins", "Remove it."],
  MULTIPLE_TAGS: ["a value has two tags (!name)", "Keep one of them."],
  NON_STRING_KEY: ["a key is not text", "Quote the key."],
  RESOURCE_EXHAUSTION: ["it needs too much to be read", "Write it shorter."],
  TAB_AS_INDENT: ["a tab is used for indentation", "Indent with spaces."],
  TAG_RESOLVE_FAILED: ["a tag (!name) is malformed", 'Quote text that begins with "!".'],
  UNCLOSED_QUOTE: [
    "this quote is never closed",
    "Close it; a quote inside quotes is doubled ('it''s') or escaped (\"\\\"\")."
  ],
  UNEXPECTED_TOKEN: ["this is not expected here", "Check the indentation, quotes and brackets here and just before."]
}

/** A syntax error. */
export const syntaxInvalid = (code: SyntaxRule, offset: number): Finding<SyntaxInvalid> => ({
  span: { start: offset, end: offset },
  make: (position) => {
    const [detail, advice] = rules[code]
    return new SyntaxInvalid({ ...position, detail, advice })
  }
})
