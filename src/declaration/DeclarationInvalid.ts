import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { finalExitCodes } from "../text/finalExitCodes.ts"
import { DeclarationProblem } from "./DeclarationProblem.ts"
import { DeclarationWarning } from "./DeclarationWarning.ts"
import type { PolicyProblem } from "./policy/PolicyProblem.ts"

/** A declaration that cannot be used: all its problems and warnings, in the order of the text. Retrying is useless. */
export class DeclarationInvalid extends Schema.TaggedError<DeclarationInvalid>()("DeclarationInvalid", {
  /** The name of the file, or of another source such as `metadata:<key>`. */
  file: Schema.String,
  problems: Schema.NonEmptyArray(DeclarationProblem),
  warnings: Schema.Array(DeclarationWarning),
  /** Problems beyond the first hundred, which are not listed. */
  omitted: Schema.Int
}) {
  /** The first problem, for `Effect.catchReason("DeclarationInvalid", "InvalidRestartPolicy", …)`. */
  get reason(): DeclarationProblem {
    return this.problems[0]
  }
  get heading() {
    return "the declaration cannot be used, nothing was changed:"
  }
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.useless
  }
  override get message(): string {
    return renderDeclarationInvalid(this)
  }
}

/** A problem or a warning as an operator reads it: `file:line:column: error: …`, the excerpt, what to write instead. */
export const renderProblem = (problem: DeclarationProblem | DeclarationWarning | PolicyProblem): string => {
  const severity = problem instanceof Error ? "error" : "warning"
  const excerpt = problem.excerpt === "" ? [] : problem.excerpt.split("\n").map((line) => `  ${line}`)
  const place = `${problem.file}:${problem.line}:${problem.column}`
  return [`${place}: ${severity}: ${problem.message}`, ...excerpt, `  ${problem.advice}`].join("\n")
}

/** All problems, one below the other. Warnings are not included: they are shown for a valid declaration, too. */
export const renderDeclarationInvalid = ({ problems, omitted }: DeclarationInvalid): string =>
  [...problems.map(renderProblem), ...(omitted === 0 ? [] : [`… and ${omitted} more problems`])].join("\n")
