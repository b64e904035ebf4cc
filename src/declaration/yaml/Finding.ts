import type { Place } from "./Places.ts"
import type { Position } from "./Position.ts"
import type { Span } from "./YamlNode.ts"

/**
 * A problem or a warning that knows its place, but not yet how to show it: what may be shown is only known once the
 * whole declaration has been read.
 */
export interface Finding<A> {
  readonly span: Span
  readonly make: (position: Position, text: TextView) => A
}

/** What a message may say about the text. */
export interface TextView {
  /** A value for a message: shortened, and `…` where it may be a secret. */
  readonly quote: (value: string, place: Place) => string
  /** The line on which something else begins. */
  readonly lineOf: (span: Span) => number
}

/** So many problems, and so many warnings, are listed; who makes more has one problem. */
export const maximumListed = 100

/** What was found, in the order of the text. */
export const listed = <A>(
  findings: ReadonlyArray<Finding<A>>,
  positionOf: (span: Span) => Position,
  view: TextView
): ReadonlyArray<A> =>
  findings
    .toSorted((a, b) => a.span.start - b.span.start)
    .slice(0, maximumListed)
    .map(({ span, make }) => make(positionOf(span), view))
