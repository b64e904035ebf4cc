import type { Dialect } from "./Dialect.ts"

/** A declaration's text and where it was found. */
export interface DeclarationText {
  /** Names the place in messages: a file's path, or `metadata:<key>`. */
  readonly file: string
  /** May hold secrets: never printed. */
  readonly text: string | Uint8Array
  /** Whose rules apply: konlet's where it stood under konlet's key, Slipway's if left out. */
  readonly dialect?: Dialect
  /** Why this text was chosen over another, where that may surprise. */
  readonly notice?: string
}

/** The text as a string. Bytes that are not UTF-8 are replaced; only decoding the declaration refuses them. */
export const textOf = ({ text }: Pick<DeclarationText, "text">): string =>
  typeof text === "string" ? text : new TextDecoder().decode(text)

/** Whether a text holds nothing but white space, comments, and marks that begin or end a document. */
export const isEmptyText = (text: DeclarationText["text"]): boolean =>
  textOf({ text })
    .split(/[\r\n]/)
    .every((line) => /^\s*(?:#.*|---\s*|\.\.\.\s*)?$/.test(line))
