import type { DeclarationProblem } from "./DeclarationProblem.ts"
import type { DeclarationWarning } from "./DeclarationWarning.ts"
import { Tolerated } from "./check/Tolerated.ts"
import type { Dialect } from "../workload/Dialect.ts"
import type { Finding } from "./yaml/Finding.ts"
import type { Span } from "./yaml/YamlNode.ts"

/** What is a problem to us, and was none to konlet. */
export interface Slip {
  readonly problem: Finding<DeclarationProblem>["make"]
  readonly warning: Finding<DeclarationWarning>["make"]
}

/** A slip whose warning says what its problem says. */
export const tolerable = (make: Finding<DeclarationProblem>["make"]): Slip => ({
  problem: make,
  warning: (place, text) => {
    const { _tag: problem, message, advice, file, line, column, excerpt } = make(place, text)
    return new Tolerated({ file, line, column, excerpt, problem, message, advice })
  }
})

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
