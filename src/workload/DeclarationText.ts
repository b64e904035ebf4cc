import type { Dialect } from "./Dialect.ts"

/** A declaration's text and where it was found. */
export interface DeclarationText {
  /** Names the place in messages: a file's path, or `metadata:<key>`. */
  readonly file: string
  /** May hold secrets: never printed. */
  readonly text: string | Uint8Array
  /** By whose rules it is read: konlet's, where it stood under konlet's key; ours, where it is left out. */
  readonly dialect?: Dialect
  /** Why it was taken and not another, where that may surprise. */
  readonly notice?: string
}

/** Whether a text holds nothing but white space, comments and marks of a document's beginning and end. */
export const isEmptyText = (source: string | Uint8Array): boolean => {
  const text = typeof source === "string" ? source : new TextDecoder().decode(source)
  return text.split(/[\r\n]/).every((line) => /^\s*(?:#.*|---\s*|\.\.\.\s*)?$/.test(line))
}
