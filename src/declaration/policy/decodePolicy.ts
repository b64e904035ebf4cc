import * as Arr from "effect/Array"
import * as Result from "effect/Result"
import type { DeclarationText } from "../../workload/DeclarationText.ts"
import type { Policy } from "./Policy.ts"
import { readText } from "../yaml/readText.ts"
import { type Finding, listed, maximumListed } from "../yaml/Finding.ts"
import { parseYaml } from "../yaml/parseYaml.ts"
import { PolicyInvalid } from "./PolicyInvalid.ts"
import { policyKeys, type PolicyProblem, PolicyRefused } from "./PolicyProblem.ts"
import { PolicyReader } from "./PolicyReader.ts"
import { DeclarationRefused, type SyntaxInvalid } from "../yaml/TextProblem.ts"
import { TextMap } from "../yaml/TextMap.ts"

/**
 * Reads a policy: YAML, and so JSON, of the keys `privileged` (true if left out), `hostPaths` and `registries` (all if
 * left out). Whatever is not as it should be is a problem, for a typo must not open the host: an unknown key, one that is
 * written twice or without a value, an entry that could not match, an empty text.
 */
export const decodePolicy = ({ file, text: source }: DeclarationText): Result.Result<Policy, PolicyInvalid> => {
  const read = readText(source)
  if (Result.isFailure(read)) return unreadable(file, read.failure.text, read.failure.refusal)
  const text = read.success
  const parsed = parseYaml(text)
  if (Result.isFailure(parsed)) return unreadable(file, text, parsed.failure)
  const reader = new PolicyReader()
  const policy = reader.read(file, parsed.success)
  const map = new TextMap(file, text)
  const readAs = { scalars: parsed.success.scalars, isShown: reader.isShown }
  const problems = listed(reader.problems, (span) => map.position(span, readAs), map.view(readAs))
  return Arr.isReadonlyArrayNonEmpty(problems)
    ? Result.fail(new PolicyInvalid({ file, problems, omitted: Math.max(0, reader.problems.length - maximumListed) }))
    : Result.succeed(policy)
}

/** For a text whose structure is not known. */
const unreadable = (
  file: string,
  text: string,
  { span, make }: Finding<DeclarationRefused | SyntaxInvalid>
): Result.Result<never, PolicyInvalid> => {
  const map = new TextMap(file, text)
  const position = map.positionOnly(span, new Set<string>(policyKeys))
  const found = make(position, map.view({ scalars: [], isShown: () => false }))
  const problem: PolicyProblem =
    found instanceof DeclarationRefused ? new PolicyRefused({ ...position, why: found.why }) : found
  return Result.fail(new PolicyInvalid({ file, problems: [problem], omitted: 0 }))
}
