import type * as Arr from "effect/Array"
import * as Result from "effect/Result"
import { Check } from "./check/Check.ts"
import { checkPod } from "./check/Pod.ts"
import { checkPolicy } from "./policy/checkPolicy.ts"
import { DeclarationInvalid } from "./DeclarationInvalid.ts"
import type { DeclarationProblem } from "./DeclarationProblem.ts"
import { Declaration } from "./DeclarationSchema.ts"
import { type DeclarationText, isEmptyText } from "../workload/DeclarationText.ts"
import type { DeclarationWarning } from "./DeclarationWarning.ts"
import { decodeTree } from "./keys/decodeTree.ts"
import { dereference, type Span, type YamlScalar } from "./yaml/YamlNode.ts"
import type { ConfigDocuments } from "./documents/ConfigDocuments.ts"
import { checkDocuments } from "./documents/checkDocuments.ts"
import { readConfig } from "./documents/readConfig.ts"
import { sortDocuments } from "./documents/sortDocuments.ts"
import { type WithoutPod, withoutPod } from "./documents/withoutPod.ts"
import { DocumentUnreadable } from "./yaml/TextProblem.ts"
import { encodedTwice } from "./format/encodedTwice.ts"
import { type Finding, listed, maximumListed, type TextView } from "./yaml/Finding.ts"
import { Findings } from "./Findings.ts"
import { KeyHints } from "./keys/KeyHints.ts"
import { otherFormat } from "./format/otherFormat.ts"
import { Marks } from "./keys/Marks.ts"
import { defaultNamespace } from "../workload/PodMetadata.ts"
import { type ParsedDocuments, type ParsedYaml, parseDocuments, parseYaml } from "./yaml/parseYaml.ts"
import type { Position } from "./yaml/Position.ts"
import type { Policy } from "./policy/Policy.ts"
import { readText, refuse } from "./yaml/readText.ts"
import { recordsOf, type Shape, shapeOf } from "./keys/Shape.ts"
import { TextMap } from "./yaml/TextMap.ts"
import { isNull } from "./yaml/YamlScalarValue.ts"
import { underPolicy } from "./policy/underPolicy.ts"
import type { DeclaredWorkload } from "../workload/DeclaredWorkload.ts"

/**
 * A declaration without problems: what is to run, and what to tell its author all the same. Holds secrets: the values
 * of `env`.
 */
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
  text: DeclarationText,
  policy?: Policy
): Result.Result<DecodedDeclaration, DeclarationInvalid> =>
  Result.map(decodeWritten(text, policy), ({ workload, warnings }) => ({ workload, warnings }))

/** A declaration with what its text says as it is written there, for whoever writes it in another form. */
export interface WrittenDeclaration extends DecodedDeclaration {
  /** Holds secrets, as the workload does. */
  readonly written: Declaration
  readonly documents: ConfigDocuments
}

/** The same with what is written. */
export const decodeWritten = (
  { file, text: source, dialect = "slipway" }: DeclarationText,
  policy?: Policy
): Result.Result<WrittenDeclaration, DeclarationInvalid> => {
  const read = readText(source)
  if (Result.isFailure(read)) return unreadable(file, read.failure.text, read.failure.refusal)
  const text = read.success
  if (isEmptyText(text)) return unreadable(file, text, refuse("Empty"))
  const parsed = parseYaml(text)
  if (Result.isFailure(parsed)) {
    const foreign = otherFormat(text, undefined) ?? encodedTwice(text, undefined)
    return unreadable(file, text, foreign ?? parsed.failure)
  }
  const { roots, scalars, failure } = documentsOf(text, parsed.success)
  const sorted = sortDocuments(roots)
  const { pod: root } = sorted
  if (root === undefined && failure !== undefined) return unreadable(file, text, failure)
  const { others, otherPods, misspelt, misfits, configMaps, secrets } = sorted
  if (root === undefined && misspelt.length > 0) return invalid(file, text, withoutPod(sorted), scalars)
  const written = root ?? others[0]?.node ?? configMaps[0] ?? secrets[0] ?? roots[0]
  const seen = written && dereference(written)
  const foreign = otherFormat(text, seen)
  if (root === undefined && foreign !== undefined && others.some(({ span }) => span === foreign.span)) {
    return invalid(file, text, withoutPod(sorted), scalars)
  }
  if (foreign !== undefined) return invalid(file, text, { problems: [foreign], warnings: [] }, scalars)
  const encoded = encodedTwice(text, seen)
  if (encoded !== undefined) return unreadable(file, text, encoded)

  const marks = new Marks()
  for (const { key, span } of [...others, ...misspelt, ...otherPods.flatMap(({ kind }) => kind ?? [])]) {
    marks.known.add(key)
    marks.known.add(span)
  }
  for (const { node } of misfits) if (node?._tag === "Scalar" && isNull(node)) marks.known.add(node)
  for (const { values } of otherPods) {
    if (values !== undefined) marks.known.add(values.key).add(values.misspelt ?? values.key)
  }
  const findings = new Findings<DeclarationProblem, DeclarationWarning>(dialect)
  const keys = (shape: Shape) => new KeyHints(shape, findings)
  const decoded = decodeTree(Declaration, root, { report: findings, keys, values: "go", marks })
  if (Result.isFailure(decoded)) return unreadable(file, text, decoded.failure)
  const { value, places, ignoredKeys } = decoded.success

  // konlet refused several containers, so that no VM relies on its rules for them.
  if (value.spec.containers.length > 1) findings.judgeStrictly()
  const map = new TextMap(file, text)
  const readAs = { scalars, isShown: marks.isShown }
  const view = map.view(readAs)
  const check = new Check<DeclarationProblem, DeclarationWarning>(places, view, findings)
  const documents = readConfig(sorted, value.metadata.namespace || defaultNamespace, { findings, marks, view })
  if (Result.isFailure(documents)) return unreadable(file, text, documents.failure)
  const workload = checkPod(value, documents.success, policy, ignoredKeys, check)
  if (policy !== undefined) checkPolicy(value.spec, policy, check)
  checkDocuments(sorted, check)
  // konlet read the first document alone.
  if (failure !== undefined)
    findings.slip(failure.span, failure.make, (position, view) => documentUnreadable(failure, position, view))

  const { problems, warnings } = findings
  const list = <A>(found: ReadonlyArray<Finding<A>>): ReadonlyArray<A> =>
    listed(found, (span) => map.position(span, readAs), map.view(readAs))
  if (workload !== undefined && problems.length === 0) {
    const allowed = policy === undefined ? workload : underPolicy(workload, policy)
    return Result.succeed({
      workload: allowed,
      warnings: list(warnings),
      written: value,
      documents: documents.success
    })
  }
  const omitted = Math.max(0, problems.length - maximumListed)
  return Result.fail(
    new DeclarationInvalid({ file, problems: nonEmpty(list(problems)), warnings: list(warnings), omitted })
  )
}

/** All documents of a text whose first one is known. What follows that is read only if there is anything. */
const documentsOf = (text: string, { root, scalars, hasMore }: ParsedYaml): ParsedDocuments =>
  hasMore ? parseDocuments(text) : { roots: root === undefined ? [] : [root], scalars, failure: undefined }

const documentUnreadable = (
  { make }: Finding<DeclarationProblem>,
  position: Position,
  view: TextView
): DocumentUnreadable => {
  const { message, advice } = make(position, view)
  return new DocumentUnreadable({ ...position, detail: message, advice })
}

/** For a text that is something else: of its scalars only those that tell what it is are shown. */
const invalid = (
  file: string,
  text: string,
  { problems, warnings }: WithoutPod,
  scalars: ReadonlyArray<YamlScalar>
): Result.Result<never, DeclarationInvalid> => {
  const map = new TextMap(file, text)
  const told = new Set<Span>([...problems, ...warnings].map(({ span }) => span))
  const read = { scalars, isShown: (scalar: YamlScalar) => told.has(scalar) || scalar.text === "kind" }
  const isScalar = new Set<Span>(scalars)
  const positionOf = (span: Span) => (isScalar.has(span) ? map.position(span, read) : map.positionOnly(span, allKeys()))
  const list = <A>(found: ReadonlyArray<Finding<A>>): ReadonlyArray<A> => listed(found, positionOf, map.view(read))
  const omitted = Math.max(0, problems.length - maximumListed)
  return Result.fail(
    new DeclarationInvalid({ file, problems: nonEmpty(list(problems)), warnings: list(warnings), omitted })
  )
}

/** All keys that a declaration has. They take a while to find, and most texts are read without them. */
const allKeys = () => new Set(recordsOf(shapeOf(Declaration)).flatMap(({ fields }) => [...fields.keys()]))

/** For a text whose structure is unknown. */
const unreadable = (
  file: string,
  text: string,
  finding: Finding<DeclarationProblem>
): Result.Result<never, DeclarationInvalid> => {
  const map = new TextMap(file, text)
  const nothing = { scalars: [], isShown: () => false }
  const problem = finding.make(map.positionOnly(finding.span, allKeys()), map.view(nothing))
  return Result.fail(new DeclarationInvalid({ file, problems: [problem], warnings: [], omitted: 0 }))
}

/** Without a workload there is a problem. */
const nonEmpty = <A>(problems: ReadonlyArray<A>): Arr.NonEmptyReadonlyArray<A> =>
  problems as Arr.NonEmptyReadonlyArray<A>
