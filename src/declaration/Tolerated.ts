import * as Schema from "effect/Schema"
import type { DeclarationProblem } from "./DeclarationProblem.ts"
import type { Finding, Slip } from "./Finding.ts"
import { position } from "./Position.ts"

/** What would be a problem elsewhere, and is none under konlet's key, because konlet took it as it was written. */
export class Tolerated extends Schema.TaggedClass<Tolerated>()("Tolerated", {
  ...position,
  /** The problem's tag. */
  problem: Schema.String,
  message: Schema.String,
  advice: Schema.String
}) {}

/** A slip whose warning says what its problem says. */
export const tolerable = (make: Finding<DeclarationProblem>["make"]): Slip => ({
  problem: make,
  warning: (place, text) => {
    const { _tag: problem, message, advice, file, line, column, excerpt } = make(place, text)
    return new Tolerated({ file, line, column, excerpt, problem, message, advice })
  }
})
