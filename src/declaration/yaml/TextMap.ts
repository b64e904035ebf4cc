import type { TextView } from "./Finding.ts"
import type { Position } from "./Position.ts"
import { visible } from "../../text/printable.ts"
import type { Span, YamlScalar } from "./YamlNode.ts"

/** Stands for what may be a secret, whatever its length. */
export const mask = "…"

/** The longest piece of a line, and the longest value, that is shown. */
const maximumWidth = 100
const maximumQuote = 80

/** How much of a long line is read before and after the place. */
const lookBehind = 60
const lookAhead = 100

/** YAML's own characters around scalars. Anything else there is a comment, an anchor or a tag. */
const indicator = /[\s[\]{},:?-]/

/** A text's scalars, in order, and which of them may be shown. */
export interface ReadText {
  readonly scalars: ReadonlyArray<YamlScalar>
  readonly isShown: (scalar: YamlScalar) => boolean
}

/** Finds lines and columns in a text, and shows its lines without what may be a secret. */
export class TextMap {
  readonly #file: string
  readonly #text: string
  readonly #lineStarts: ReadonlyArray<number>

  constructor(file: string, text: string) {
    this.#file = file
    this.#text = text
    this.#lineStarts = lineStartsOf(text)
  }

  /** For a text whose structure is known. */
  position(span: Span, read: ReadText): Position {
    const line = this.#lineIndex(span.start)
    const [start, end] = this.#lineSpan(line)
    const pieces = this.#shownPieces(
      { start: Math.max(start, span.start - lookBehind), end: Math.min(end, span.start + lookAhead) },
      read
    )
    const shown = pieces.map(({ text }) => text).join("")
    const from = offsetIn(pieces, span.start)
    const to = offsetIn(pieces, Math.min(span.end, end))
    return this.#at(span, shown.trimEnd().slice(0, maximumWidth), { from, to })
  }

  /** For a text whose structure is unknown: only a key that a declaration may have is shown. */
  positionOnly(span: Span, keys: ReadonlySet<string>): Position {
    const [start, end] = this.#lineSpan(this.#lineIndex(span.start))
    const line = this.#text.slice(start, Math.min(end, start + maximumWidth))
    const [whole = "", indent = "", quote = "", key = ""] = /^([ \t]*(?:- *)*)(["']?)([A-Za-z]+)\2\s*:/.exec(line) ?? []
    const known = keys.has(key) ? `${indent}${quote}${key}${quote}:` : ""
    const shown = known === "" ? mask : `${known} ${whole.length < line.trimEnd().length ? mask : ""}`
    const at = known !== "" && span.start - start < known.length ? span.start - start : Math.max(0, shown.length - 1)
    return this.#at(span, shown.trimEnd(), { from: at, to: at })
  }

  view(read: ReadText): TextView {
    return {
      quote: (value, { node }) =>
        value === "" || (node._tag === "Scalar" && read.isShown(node)) ? abbreviate(value) : mask,
      lineOf: (span) => this.#lineIndex(span.start) + 1
    }
  }

  #at({ start }: Span, shown: string, caret: { readonly from: number; readonly to: number }): Position {
    const index = this.#lineIndex(start)
    const line = index + 1
    const column = start - this.#lineStarts[index]! + 1
    const margin = " ".repeat(String(line).length)
    const carets = "^".repeat(Math.max(1, Math.min(caret.to, shown.length) - caret.from))
    const excerpt =
      this.#text === ""
        ? ""
        : `${line} | ${visible(shown.replaceAll("\t", " "))}\n${margin} | ${" ".repeat(caret.from)}${carets}`
    return { file: this.#file, line, column, excerpt }
  }

  #lineIndex(offset: number): number {
    let low = 0
    let high = this.#lineStarts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (this.#lineStarts[middle]! <= offset) low = middle
      else high = middle
    }
    return low
  }

  #lineSpan(index: number): readonly [start: number, end: number] {
    const start = this.#lineStarts[index]!
    const end = this.#lineStarts[index + 1] ?? this.#text.length
    return [start, start + this.#text.slice(start, end).replace(/[\r\n]+$/, "").length]
  }

  /** Part of a line in pieces, so that each place in it can be found again. */
  #shownPieces({ start, end }: Span, { scalars, isShown }: ReadText): ReadonlyArray<Piece> {
    const pieces: Array<Piece> = []
    if (start > this.#lineSpan(this.#lineIndex(start))[0]) pieces.push({ start, text: mask })
    let offset = start
    for (let index = firstEndingAfter(scalars, start); offset < end; index++) {
      const scalar = scalars[index]
      const gapEnd = Math.min(end, scalar?.start ?? end)
      if (offset < gapEnd) {
        const gap = this.#text.slice(offset, gapEnd)
        const comment = /(?:^|\s)#/.exec(gap)
        pieces.push(...showGap(comment === null ? gap : gap.slice(0, comment.index), offset))
        if (comment !== null) break
      }
      if (scalar === undefined || scalar.start >= end) break
      const [from, to] = [Math.max(offset, scalar.start), Math.min(end, scalar.end)]
      if (from < to) pieces.push(...showScalar(this.#text.slice(from, to), from, isShown(scalar)))
      offset = Math.max(offset, to)
    }
    return pieces
  }
}

interface Piece {
  /** Offset into the text. */
  readonly start: number
  /** As shown: character for character, or a mask. */
  readonly text: string
}

const showGap = (gap: string, start: number): ReadonlyArray<Piece> =>
  Array.from(gap.matchAll(/[\s[\]{},:?-]+|[^\s[\]{},:?-]+/g), ({ 0: text, index }) => ({
    start: start + index,
    text: indicator.test(text) ? text : mask
  }))

/** Up to the first white space: what follows may belong to another line that lost its break. */
const showScalar = (text: string, start: number, shown: boolean): ReadonlyArray<Piece> => {
  if (!shown) return [{ start, text: mask }]
  const space = text.search(/\s/)
  if (space === -1) return [{ start, text }]
  return [
    { start, text: text.slice(0, space) },
    { start: start + space, text: mask }
  ]
}

/** Where an offset into the text is in the pieces. */
const offsetIn = (pieces: ReadonlyArray<Piece>, offset: number): number => {
  let shown = 0
  for (const [index, piece] of pieces.entries()) {
    const next = pieces[index + 1]?.start ?? Number.POSITIVE_INFINITY
    if (offset < next) return shown + Math.min(piece.text.length, Math.max(0, offset - piece.start))
    shown += piece.text.length
  }
  return shown
}

const firstEndingAfter = (scalars: ReadonlyArray<YamlScalar>, offset: number): number => {
  let low = 0
  let high = scalars.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (scalars[middle]!.end > offset) high = middle
    else low = middle + 1
  }
  return low
}

const abbreviate = (value: string): string => {
  const space = value.search(/\s/)
  const end = Math.min(maximumQuote, space === -1 ? value.length : space)
  return visible(end < value.length ? value.slice(0, end) + mask : value)
}

const lineStartsOf = (text: string): ReadonlyArray<number> => [
  0,
  ...Array.from(text.matchAll(/\r\n?|\n/g), ({ 0: lineBreak, index }) => index + lineBreak.length)
]
