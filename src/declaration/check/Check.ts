import type { Report } from "../Findings.ts"
import type { TextView } from "../yaml/Finding.ts"
import type { Place, Places } from "../yaml/Places.ts"
import type { Position } from "../yaml/Position.ts"
import type { Span } from "../yaml/YamlNode.ts"

/** A class of problems or warnings, which takes its position along with its other fields. */
type Made<Fields, A> = new (fields: Fields & Position) => A

/** Where something was written. */
interface Spot {
  readonly span: Span
}

/** What a check needs besides the value: where it was written, how to quote it, where to report. */
export class Check<in Problem, in Warning> {
  readonly #places: Places
  readonly #view: TextView
  readonly #report: Report<Problem, Warning>

  constructor(places: Places, view: TextView, report: Report<Problem, Warning>) {
    this.#places = places
    this.#view = view
    this.#report = report
  }

  /** Whether konlet's rules hold. */
  get followsKonlet(): boolean {
    return this.#report.toleratesSlips
  }

  /** Where a key's value, or a list's item, was written. */
  at<A extends object>(owner: A, key: keyof A): Place {
    return this.#places.of(owner, key)
  }

  /** A text for a message: shortened, and `…` if it may be a secret. */
  quote<A extends object>(owner: A, key: keyof A): string {
    return this.#view.quote(String(owner[key]), this.at(owner, key))
  }

  lineOf({ span }: Spot): number {
    return this.#view.lineOf(span)
  }

  problem<const Fields extends object>({ span }: Spot, Class: Made<Fields, Problem>, fields: Fields): void {
    this.#report.problem(span, (position) => new Class({ ...fields, ...position }))
  }

  warning<const Fields extends object>({ span }: Spot, Class: Made<Fields, Warning>, fields: Fields): void {
    this.#report.warning(span, (position) => new Class({ ...fields, ...position }))
  }

  /** A problem, unless konlet's rules hold: then a warning. */
  slip<const Fields extends object>({ span }: Spot, Class: Made<Fields, Problem>, fields: Fields): void {
    this.#report.slip(span, (position) => new Class({ ...fields, ...position }))
  }

  /** Another problem already explains the slip at this place. */
  explain({ span }: Spot): void {
    this.#report.explain(span)
  }
}
