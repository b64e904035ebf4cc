import { Tolerated } from "./check/Tolerated.ts"
import type { Dialect } from "../workload/Dialect.ts"
import type { Finding } from "./yaml/Finding.ts"
import type { Span } from "./yaml/YamlNode.ts"

/** Where a reader or a check reports what it finds. */
export interface Report<in Problem, in Warning> {
  /** Whether konlet's rules hold, so that slips are warnings. */
  readonly toleratesSlips: boolean
  problem(span: Span, make: Finding<Problem>["make"]): void
  warning(span: Span, make: Finding<Warning>["make"]): void
  /** A problem, unless konlet's rules hold. Then it is a warning: as given, or else in the problem's own words. */
  slip(span: Span, problem: Finding<Problem>["make"], warning?: Finding<Warning>["make"]): void
  /** A problem of its own already explains the slip at this place, which is no second one. */
  explain(span: Span): void
}

/** What a declaration's readers and checks have found, in any order. The dialect decides what a slip is. */
export class Findings<Problem extends Problematic, Warning> implements Report<Problem, Warning | Tolerated> {
  #dialect: Dialect
  readonly #problems: Array<Finding<Problem>> = []
  readonly #warnings: Array<Finding<Warning | Tolerated>> = []
  readonly #slips: Array<Slip<Problem, Warning | Tolerated>> = []
  readonly #explained = new Set<Span>()

  constructor(dialect: Dialect) {
    this.#dialect = dialect
  }

  /** From now on, and for what was found already, Slipway's rules hold. */
  judgeStrictly(): void {
    this.#dialect = "slipway"
  }

  get toleratesSlips(): boolean {
    return this.#dialect === "konlet"
  }

  get problems(): ReadonlyArray<Finding<Problem>> {
    const slips = this.#slips.filter((slip) => !this.#isTolerated(slip))
    return [...this.#problems, ...slips.map(({ span, problem: make }) => ({ span, make }))]
  }

  get warnings(): ReadonlyArray<Finding<Warning | Tolerated>> {
    const slips = this.#slips.filter((slip) => this.#isTolerated(slip))
    return [...this.#warnings, ...slips.map(({ span, warning: make }) => ({ span, make }))]
  }

  problem(span: Span, make: Finding<Problem>["make"]): void {
    this.#problems.push({ span, make })
  }

  warning(span: Span, make: Finding<Warning | Tolerated>["make"]): void {
    this.#warnings.push({ span, make })
  }

  slip(
    span: Span,
    problem: Finding<Problem>["make"],
    warning: Finding<Warning | Tolerated>["make"] = tolerated(problem)
  ): void {
    this.#slips.push({ span, problem, warning })
  }

  explain(span: Span): void {
    this.#explained.add(span)
  }

  #isTolerated({ span }: Slip<Problem, Warning | Tolerated>): boolean {
    return this.toleratesSlips || this.#explained.has(span)
  }
}

interface Slip<Problem, Warning> {
  readonly span: Span
  readonly problem: Finding<Problem>["make"]
  readonly warning: Finding<Warning>["make"]
}

/** What every problem has. */
export interface Problematic extends Omit<Tolerated, "_tag" | "problem"> {
  readonly _tag: string
}

const tolerated =
  (make: Finding<Problematic>["make"]): Finding<Tolerated>["make"] =>
  (position, text) => {
    const { _tag: problem, message, advice, file, line, column, excerpt } = make(position, text)
    return new Tolerated({ file, line, column, excerpt, problem, message, advice })
  }
