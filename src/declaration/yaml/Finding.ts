import type { Place } from "./Places.ts"
import type { Position } from "./Position.ts"
import type { Span } from "./YamlNode.ts"

/**
 * A problem or a warning with its place, made later: which parts of the text may be shown is only known once all of it has
 * been read, and most of very many are never made.
 */
export interface Finding<A> {
  readonly span: Span
  readonly make: (position: Position, text: TextView) => A
}

/** What a message may say about the text. */
export interface TextView {
  /** A value for a message: shortened, and `…` where it may be a secret. */
  readonly quote: (value: string, place: Place) => string
  /** The line on which another place begins. */
  readonly lineOf: (span: Span) => number
}

/** At most as many problems, and as many warnings, are listed. */
export const maximumListed = 100

/** The first findings, in the order of the text. */
export const listed = <A>(
  findings: ReadonlyArray<Finding<A>>,
  positionOf: (span: Span) => Position,
  view: TextView
): ReadonlyArray<A> =>
  findings
    .toSorted((a, b) => a.span.start - b.span.start)
    .slice(0, maximumListed)
    .map(({ span, make }) => make(positionOf(span), view))
