import type * as Arr from "effect/Array"
import * as Result from "effect/Result"
import { Check } from "./check/Check.ts"
import { checkPod } from "./check/Pod.ts"
import { checkPolicy } from "./policy/checkPolicy.ts"
import { DeclarationInvalid } from "./DeclarationInvalid.ts"
import type { DeclarationProblem } from "./DeclarationProblem.ts"
import { Declaration } from "./DeclarationSchema.ts"
import type { DeclarationText } from "../workload/DeclarationText.ts"
import type { DeclarationWarning } from "./DeclarationWarning.ts"
import { decodeTree } from "./keys/decodeTree.ts"
import { dereference } from "./yaml/YamlNode.ts"
import { DocumentIgnored } from "./yaml/TextProblem.ts"
import { encodedTwice } from "./format/encodedTwice.ts"
import { type Finding, listed, maximumListed } from "./yaml/Finding.ts"
import { Findings } from "./Findings.ts"
import { KeyHints } from "./keys/KeyHints.ts"
import { otherFormat } from "./format/otherFormat.ts"
import { parseYaml } from "./yaml/parseYaml.ts"
import type { Policy } from "./policy/Policy.ts"
import { readText } from "./yaml/readText.ts"
import { recordsOf, type Shape, shapeOf } from "./keys/Shape.ts"
import { TextMap } from "./yaml/TextMap.ts"
import { underPolicy } from "./policy/underPolicy.ts"
import type { DeclaredWorkload } from "../workload/DeclaredWorkload.ts"

export interface DecodedDeclaration {
  readonly workload: DeclaredWorkload
  readonly warnings: ReadonlyArray<DeclarationWarning>
}

/**
 * Reads a declaration and checks everything about it that needs no VM, in time proportional to the text, whatever it is.
 * Neither problems nor warnings contain values of `env`, `args` or `command`. With a policy, whatever it does not allow is
 * a problem like any other.
 */
export const decodeDeclaration = (
  { file, text: source, dialect = "slipway" }: DeclarationText,
  policy?: Policy
): Result.Result<DecodedDeclaration, DeclarationInvalid> => {
  const read = readText(source)
  if (Result.isFailure(read)) return unreadable(file, read.failure.text, read.failure.refusal)
  const text = read.success
  const parsed = parseYaml(text)
  const written = Result.isSuccess(parsed) && parsed.success.root ? dereference(parsed.success.root) : undefined
  const foreign = otherFormat(text, written) ?? encodedTwice(text, written)
  if (foreign !== undefined) return unreadable(file, text, foreign)
  if (Result.isFailure(parsed)) return unreadable(file, text, parsed.failure)
  const { root, scalars, ignored } = parsed.success
  const findings = new Findings<DeclarationProblem, DeclarationWarning>(dialect)
  const keys = (shape: Shape) => new KeyHints(shape, findings)
  const decoded = decodeTree(Declaration, root, { report: findings, keys, values: "go" })
  if (Result.isFailure(decoded)) return unreadable(file, text, decoded.failure)
  const { value, places, ignoredKeys, isShown } = decoded.success

  // konlet refused several containers, so that no VM relies on its rules for them.
  if (value.spec.containers.length > 1) findings.judgeStrictly()
  const map = new TextMap(file, text)
  const readAs = { scalars, isShown }
  const check = new Check<DeclarationProblem, DeclarationWarning>(places, map.view(readAs), findings)
  const workload = checkPod(value.spec, ignoredKeys, check)
  if (policy !== undefined) checkPolicy(value.spec, policy, check)
  if (ignored !== undefined) check.warning({ span: { start: ignored, end: ignored } }, DocumentIgnored, {})

  const { problems, warnings } = findings
  const list = <A>(found: ReadonlyArray<Finding<A>>): ReadonlyArray<A> =>
    listed(found, (span) => map.position(span, readAs), map.view(readAs))
  if (workload !== undefined && problems.length === 0) {
    const allowed = policy === undefined ? workload : underPolicy(workload, policy)
    return Result.succeed({ workload: allowed, warnings: list(warnings) })
  }
  const omitted = Math.max(0, problems.length - maximumListed)
  return Result.fail(
    new DeclarationInvalid({ file, problems: nonEmpty(list(problems)), warnings: list(warnings), omitted })
  )
}

/** For a text whose structure is unknown. */
const unreadable = (
  file: string,
  text: string,
  finding: Finding<DeclarationProblem>
): Result.Result<never, DeclarationInvalid> => {
  const map = new TextMap(file, text)
  const keys = new Set(recordsOf(shapeOf(Declaration)).flatMap(({ fields }) => [...fields.keys()]))
  const nothing = { scalars: [], isShown: () => false }
  const problem = finding.make(map.positionOnly(finding.span, keys), map.view(nothing))
  return Result.fail(new DeclarationInvalid({ file, problems: [problem], warnings: [], omitted: 0 }))
}

/** Without a workload there is a problem. */
const nonEmpty = <A>(problems: ReadonlyArray<A>): Arr.NonEmptyReadonlyArray<A> =>
  problems as Arr.NonEmptyReadonlyArray<A>
