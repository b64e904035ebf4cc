import * as Schema from "effect/Schema"
import { renderProblem } from "../DeclarationInvalid.ts"
import { PolicyProblem } from "./PolicyProblem.ts"

/** A policy that cannot be used: all its problems, in the order of the text. Nothing is started without it. */
export class PolicyInvalid extends Schema.TaggedError<PolicyInvalid>()("PolicyInvalid", {
  /** The name of its file. */
  file: Schema.String,
  problems: Schema.NonEmptyArray(PolicyProblem),
  /** Problems beyond the first hundred, which are not listed. */
  omitted: Schema.Int
}) {
  /** The first problem. */
  get reason(): PolicyProblem {
    return this.problems[0]
  }
  override get message(): string {
    const more = this.omitted === 0 ? [] : [`… and ${this.omitted} more problems`]
    return [...this.problems.map(renderProblem), ...more].join("\n")
  }
}
