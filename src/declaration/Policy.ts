import * as Arr from "effect/Array"
import * as Result from "effect/Result"
import type { DeclarationSource } from "./Declaration.ts"
import { readText } from "./DeclarationText.ts"
import { type Finding, listed, maximumListed } from "./Finding.ts"
import { parseYaml } from "./parseYaml.ts"
import { PolicyInvalid } from "./PolicyInvalid.ts"
import { policyKeys, type PolicyProblem, PolicyRefused } from "./PolicyProblem.ts"
import { PolicyReader } from "./PolicyReader.ts"
import { DeclarationRefused, type SyntaxInvalid } from "./TextProblem.ts"
import { TextMap } from "./TextMap.ts"

/**
 * What the host allows a declaration to do to it. Given to `decodeDeclaration`, or in `Settings`, whose policy holds for
 * every declaration of the run, wherever it came from.
 *
 * It judges what is declared, not what is on the VM. Whoever can write below an allowed host path can put a symbolic
 * link there, and the engine follows it: allow directories in which only the host makes entries. A privileged container
 * can do anything, whatever else is forbidden. Disks and `emptyDir` are no host paths. What already runs goes on.
 */
export interface Policy {
  /** The file's name, or what else it was read from; messages name it. */
  readonly file: string
  /** Whether a container may be privileged. */
  readonly privileged: boolean
  /**
   * Directories and files of the host, absolute, that may be mounted, with all below them. `/` stands for all, and so
   * does undefined; an empty list for none. What is not absolute stands for nothing.
   */
  readonly hostPaths: ReadonlyArray<string> | undefined
  /**
   * Where images may come from: `domain[/path]`, by whole components, as in `gcr.io` or `docker.io/library`. Undefined
   * stands for everywhere, an empty list for nowhere. What is no such prefix stands for nothing.
   */
  readonly registries: ReadonlyArray<string> | undefined
}

/**
 * Reads a policy: YAML, and so JSON, of the keys `privileged` (true if left out), `hostPaths` and `registries` (all if
 * left out). Whatever is not as it should be is a problem, for a typo must not open the host: an unknown key, one that is
 * written twice or without a value, an entry that could not match, an empty text.
 */
export const decodePolicy = ({ file, text: source }: DeclarationSource): Result.Result<Policy, PolicyInvalid> => {
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
