import * as Redacted from "effect/Redacted"
import { render, type Text } from "../../known/Text.ts"
import type { ValueSource } from "../../../workload/ValueSource.ts"

/** A text in which Compose replaces variables. */
export class Interpolated {
  readonly text: Redacted.Redacted

  constructor(text: string) {
    this.text = Redacted.make(text)
  }
}

const escape = (text: string): string => text.replaceAll("$", "$$$$")

/** A text with the variables that stand for its sources. */
export const interpolated = (text: Text, variableOf: (source: ValueSource) => string): Interpolated =>
  new Interpolated(render(text, { literal: escape, source: (source) => `\${${variableOf(source)}:?}` }))

/** The same value for Compose to read: of every other text nothing is replaced. What is undefined is left out. */
export const escaped = (value: unknown): unknown => {
  if (typeof value === "string") return escape(value)
  if (value instanceof Interpolated) return Redacted.value(value.text)
  if (Array.isArray(value)) return value.map(escaped)
  if (typeof value !== "object" || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, entry]) => (entry === undefined ? [] : [[key, escaped(entry)]]))
  )
}
