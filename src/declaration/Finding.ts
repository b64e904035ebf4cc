import type { DeclarationProblem } from "./DeclarationProblem.ts"
import type { DeclarationWarning } from "./DeclarationWarning.ts"
import type { Dialect } from "./Dialect.ts"
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

/** What is a problem to us, and was none to konlet. */
export interface Slip {
  readonly problem: Finding<DeclarationProblem>["make"]
  readonly warning: Finding<DeclarationWarning>["make"]
}

/** Gathers what is found, in any order. Which dialect a slip is in decides what it is. */
export class Findings {
  readonly #dialect: Dialect
  readonly #problems: Array<Finding<DeclarationProblem>> = []
  readonly #warnings: Array<Finding<DeclarationWarning>> = []
  readonly #slips: Array<Slip & { readonly span: Span }> = []
  readonly #explained = new Set<Span>()

  constructor(dialect: Dialect) {
    this.#dialect = dialect
  }

  /** Whether slips are problems. */
  get isStrict(): boolean {
    return this.#dialect === "slipway"
  }

  get problems(): ReadonlyArray<Finding<DeclarationProblem>> {
    return [
      ...this.#problems,
      ...this.#slips.filter(this.#isProblem).map(({ span, problem: make }) => ({ span, make }))
    ]
  }

  get warnings(): ReadonlyArray<Finding<DeclarationWarning>> {
    const tolerated = this.#slips.filter((slip) => !this.#isProblem(slip))
    return [...this.#warnings, ...tolerated.map(({ span, warning: make }) => ({ span, make }))]
  }

  problem(span: Span, make: Finding<DeclarationProblem>["make"]): void {
    this.#problems.push({ span, make })
  }

  warning(span: Span, make: Finding<DeclarationWarning>["make"]): void {
    this.#warnings.push({ span, make })
  }

  slip(span: Span, { problem, warning }: Slip): void {
    this.#slips.push({ span, problem, warning })
  }

  /** The slip at this place has been reported by a problem of its own, and is no second one. */
  explain(span: Span): void {
    this.#explained.add(span)
  }

  readonly #isProblem = ({ span }: { readonly span: Span }): boolean => this.isStrict && !this.#explained.has(span)
}
