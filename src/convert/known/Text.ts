import * as Redacted from "effect/Redacted"
import { expand, type Word } from "../../workload/expand.ts"
import type { ValueSource } from "../../workload/ValueSource.ts"

/**
 * A text as far as the declaration knows it: pieces, some of which only the VM, its metadata or Secret Manager can
 * tell. May be a secret.
 */
export type Text = Redacted.Redacted<ReadonlyArray<Piece>>

export type Piece = string | ValueSource

/** Marks a source in a text while references are expanded. No text of a declaration has a NUL. */
const mark = (index: number): string => `\0${index}\0`

/** The texts of one container: references in them lead to its variables. */
export class Texts {
  readonly #sources: Array<ValueSource> = []
  readonly #values = new Map<string, string>()

  /** Gives a variable its value, for texts that refer to it from now on. */
  define(name: string, value: string | { readonly from: ValueSource } | { readonly template: string }): Text {
    const marked = typeof value === "object" && "from" in value ? this.#marked(value.from) : this.#expanded(value)
    this.#values.set(name, marked)
    return this.#text(marked)
  }

  /** A word of a command, or a path, with what it refers to. */
  word(word: Word): Text {
    return this.#text(this.#expanded(word))
  }

  #marked(source: ValueSource): string {
    this.#sources.push(source)
    return mark(this.#sources.length - 1)
  }

  #expanded(word: Word): string {
    return typeof word === "string" ? word : expand(word.template, (name) => this.#values.get(name))
  }

  #text(marked: string): Text {
    // Every other part is the number of a source.
    const parts = marked.split("\0")
    const pieces = parts.map((part, index): Piece => (index % 2 === 0 ? part : this.#sources[Number(part)]!))
    return Redacted.make(pieces.filter((piece) => piece !== ""))
  }
}

/** A text that is known. */
export const known = (text: string): Text => Redacted.make(text === "" ? [] : [text])

/** The whole text where all of it is known. */
export const wholeText = (text: Text): string | undefined => {
  const pieces = Redacted.value(text)
  return pieces.every((piece) => typeof piece === "string") ? pieces.join("") : undefined
}

/** The one source that is all of a text; undefined where it is anything else. */
export const onlySource = (text: Text): ValueSource | undefined => {
  const [first, second] = Redacted.value(text)
  return typeof first === "object" && second === undefined ? first : undefined
}

/** Each piece of a text as another form writes it. */
export const render = (
  text: Text,
  of: { readonly literal: (text: string) => string; readonly source: (source: ValueSource) => string }
): string =>
  Redacted.value(text)
    .map((piece) => (typeof piece === "string" ? of.literal(piece) : of.source(piece)))
    .join("")

/** Texts one after the other. */
export const joined = (...texts: ReadonlyArray<string | Text>): Text =>
  Redacted.make(
    texts.flatMap((text) => (typeof text === "string" ? (text === "" ? [] : [text]) : Redacted.value(text)))
  )

/** The same with each part that is known as another form writes it. */
export const mapText = (text: Text, of: (literal: string) => string): Text =>
  Redacted.make(Redacted.value(text).map((piece) => (typeof piece === "string" ? of(piece) : piece)))
