import * as Arr from "effect/Array"
import * as Result from "effect/Result"
import { Check } from "../check/Check.ts"
import { checkEntries } from "./checkEntries.ts"
import type { DeclarationText } from "../../workload/DeclarationText.ts"
import { decodeTree } from "../keys/decodeTree.ts"
import { dereference } from "../yaml/YamlNode.ts"
import { type Finding, listed, maximumListed } from "../yaml/Finding.ts"
import { Findings } from "../Findings.ts"
import { isNull } from "../yaml/YamlScalarValue.ts"
import { parseYaml, type ParsedYaml } from "../yaml/parseYaml.ts"
import type { Policy } from "./Policy.ts"
import { PolicyInvalid } from "./PolicyInvalid.ts"
import { PolicyKeys } from "./PolicyKeys.ts"
import { PolicyDocumentSecond, type PolicyProblem, PolicyRefused } from "./PolicyProblem.ts"
import { parsePortRange } from "./PortRange.ts"
import { type DeclaredPolicy, policyKeys, PolicySchema } from "./PolicySchema.ts"
import { readText } from "../yaml/readText.ts"
import { DeclarationRefused, type SyntaxInvalid } from "../yaml/TextProblem.ts"
import { TextMap } from "../yaml/TextMap.ts"

/**
 * Reads a policy: YAML, and so JSON. A rule that is left out allows everything, or with `default: deny` nothing.
 * Strictly, for a typo must not open the host: an unknown key, one that is written twice or has no value, an entry that
 * could not match and an empty text are problems.
 */
export const decodePolicy = ({ file, text: source }: DeclarationText): Result.Result<Policy, PolicyInvalid> => {
  const read = readText(source)
  if (Result.isFailure(read)) return unreadable(file, read.failure.text, read.failure.refusal)
  const text = read.success
  const parsed = Result.flatMap(parseYaml(text), refuseEmpty)
  if (Result.isFailure(parsed)) return unreadable(file, text, parsed.failure)
  const { root, scalars, ignored } = parsed.success
  const findings = new Findings<PolicyProblem, never>("slipway")
  const keys = () => new PolicyKeys(findings)
  const decoded = decodeTree(PolicySchema, root, { report: findings, keys, values: "strict" })
  if (Result.isFailure(decoded)) return unreadable(file, text, decoded.failure)
  const { value, places, isShown } = decoded.success

  const map = new TextMap(file, text)
  const readAs = { scalars, isShown }
  const check = new Check<PolicyProblem, never>(places, map.view(readAs), findings)
  checkEntries(value, check)
  if (ignored !== undefined) check.problem({ span: { start: ignored, end: ignored } }, PolicyDocumentSecond, {})

  const problems = listed(findings.problems, (span) => map.position(span, readAs), map.view(readAs))
  const omitted = Math.max(0, findings.problems.length - maximumListed)
  if (Arr.isReadonlyArrayNonEmpty(problems)) return Result.fail(new PolicyInvalid({ file, problems, omitted }))
  const { default: standing, ...rules } = value
  const { hostPorts, ...others } = standing === "deny" ? { ...denied, ...rules } : rules
  const ranges = hostPorts?.flatMap((text) => parsePortRange(text) ?? [])
  return Result.succeed({ file, ...others, ...(ranges === undefined ? {} : { hostPorts: ranges }) })
}

/** Each rule as one that is left out under `default: deny`. */
const denied: Required<Omit<DeclaredPolicy, "default">> = {
  privileged: false,
  runAsRoot: false,
  unconfined: false,
  capabilities: [],
  gpus: false,
  hostNetwork: false,
  hostPID: false,
  hostIPC: false,
  hostPaths: [],
  hostPorts: [],
  logDrivers: [],
  registries: [],
  runtimes: [],
  secretProjects: [],
  sysctls: [],
  volumes: []
}

/** An empty text may be what is left of a policy. */
const refuseEmpty = (parsed: ParsedYaml): Result.Result<ParsedYaml, Finding<PolicyRefused>> => {
  const root = parsed.root && dereference(parsed.root)
  if (root !== undefined && !(root._tag === "Scalar" && isNull(root))) return Result.succeed(parsed)
  const { start, end } = root ?? { start: 0, end: 0 }
  return Result.fail({ span: { start, end }, make: (position) => new PolicyRefused({ ...position, why: "Empty" }) })
}

/** For a text whose structure is not known. */
const unreadable = (
  file: string,
  text: string,
  { span, make }: Finding<DeclarationRefused | PolicyRefused | SyntaxInvalid>
): Result.Result<never, PolicyInvalid> => {
  const map = new TextMap(file, text)
  const position = map.positionOnly(span, new Set<string>(policyKeys))
  const found = make(position, map.view({ scalars: [], isShown: () => false }))
  const problem: PolicyProblem =
    found instanceof DeclarationRefused ? new PolicyRefused({ ...position, why: found.why }) : found
  return Result.fail(new PolicyInvalid({ file, problems: [problem], omitted: 0 }))
}
