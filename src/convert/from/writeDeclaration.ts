import * as Arr from "effect/Array"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../declaration/Declaration.ts"
import type { DeclarationProblem } from "../../declaration/DeclarationProblem.ts"
import type { DeclarationWarning } from "../../declaration/DeclarationWarning.ts"
import { oneLine } from "../../text/printable.ts"
import type { Converted, NotCarried } from "../Converted.ts"
import type { Losses } from "../Losses.ts"
import { located, originOf, type Parts, partOf, plainOf, type Steps, takeOut } from "./DeclarationParts.ts"
import { writeYaml } from "../writeYaml.ts"
import { refusedPart } from "./refusedPart.ts"
import { SourceInvalid } from "./SourceInvalid.ts"
import type { Value } from "./Value.ts"

/** What a declaration is made of. */
export interface Draft {
  /** Names what was converted, in errors. */
  readonly file: string
  /** As in "a docker run command". */
  readonly source: string
  /** The Pod, then ConfigMaps and Secrets. */
  readonly documents: Arr.NonEmptyReadonlyArray<Value>
  readonly losses: Losses
}

/**
 * Writes a declaration that its own reader takes: what the reader refuses, or ignores, is taken out and listed with the
 * reader's reason. Fails where nothing would be left to run, or something else than what was meant.
 */
export const writeDeclaration = ({
  file,
  source,
  documents,
  losses
}: Draft): Result.Result<Converted, SourceInvalid> => {
  const parts: Parts = documents.map(partOf)
  for (let isFirst = true; ; isFirst = false) {
    const { text, stepsAt } = located(parts)
    const decoded = decodeDeclaration({ file, text })
    const { warnings } = Result.isSuccess(decoded) ? decoded.success : decoded.failure
    const problems = Result.isSuccess(decoded) ? [] : decoded.failure.problems
    // Of a text that is refused, warnings come again when it is not.
    const refused = problems.length > 0 ? problems : warnings.filter(({ _tag }) => ignored.has(_tag))
    if (refused.length === 0) {
      for (const warning of warnings) {
        if (!ineffective.has(warning._tag)) continue
        losses.add(originAt(parts, stepsAt(warning.line, warning.column)).path, reasonOf(warning, true))
      }
      return Result.succeed({ files: [fileOf(parts, source)], notCarried: losses.list.map(readable) })
    }
    const taken = new Set<string>()
    for (const finding of refused) {
      const found = stepsAt(finding.line, finding.column) ?? [0]
      const steps = refusedPart(found)
      const origin = originAt(parts, isNeeded(steps) ? found : steps)
      if (isNeeded(steps)) {
        const { message, advice } = finding
        return Result.fail(new SourceInvalid({ file, line: origin.line, path: origin.path, detail: message, advice }))
      }
      if (isWithin(taken, steps)) continue
      taken.add(JSON.stringify(steps))
      const isKnown = !isFirst && losses.list.some(({ path }) => path === origin.path)
      if (!isKnown) losses.add(origin.path, reasonOf(finding, isFirst))
      takeOut(parts, steps)
    }
  }
}

/** A key or a word of the source may be of any length. */
const readable = ({ path, reason }: NotCarried): NotCarried => ({
  path: oneLine(path, 300),
  reason: oneLine(reason, 700)
})

/** Its reader ignores what they are about. */
const ignored: ReadonlySet<DeclarationWarning["_tag"]> = new Set([
  "KeyMeaningless",
  "KeyUnsupported",
  "KeyUnknown",
  "KeyMisplaced",
  "VolumeUnused",
  "DocumentMeaningless"
])

/** It can stay, but without effect, or with another than what was meant. */
const ineffective: ReadonlySet<DeclarationWarning["_tag"]> = new Set([
  "HostNetworkIgnores",
  "PrivilegedIgnores",
  "ContainerPortShared",
  "NameServersReplaced",
  "SecretKeyIsVersion",
  "ResourceNotEnforced",
  "SizeLimitNotEnforced",
  "ProfileAnnotationIgnored"
])

/** Values of declarations are never in a finding's message. */
const reasonOf = ({ _tag, message, advice }: DeclarationProblem | DeclarationWarning, isFirst: boolean): string => {
  if (_tag === "VolumeBindingMissing" && !isFirst) return "Its volume is not carried over."
  if (_tag === "VolumeUnused" && !isFirst) return "Its mounts are not carried over."
  return `${message.replace(/^[a-z](?=[a-z]* )/, (letter) => letter.toUpperCase())}. ${advice}`
}

const originAt = (parts: Parts, steps: Steps | undefined) => originOf(parts, steps ?? [0])

/** Whether nothing that was meant would run without it: the Pod, a container, its image. */
const isNeeded = ([document, root, list, ...rest]: Steps): boolean => {
  if (document !== 0 || root === undefined) return document === 0
  if (root !== "spec" || list === undefined) return root === "spec"
  return (list === "containers" || list === "initContainers") && rest.length <= 1
}

const isWithin = (taken: ReadonlySet<string>, steps: Steps): boolean =>
  steps.some((_, index) => taken.has(JSON.stringify(steps.slice(0, index + 1))))

const fileOf = (parts: Parts, source: string): Converted["files"][number] => {
  const heading = `# For Slipway: the value of the VM's metadata key "slipway-declaration".\n# Made of ${source}.\n`
  const text = heading + writeYaml(...parts.flatMap((part) => (part === undefined ? [] : [plainOf(part)])))
  return declarationFile(text)
}

/** It may hold values of env. */
export const declarationFile = (text: string): Converted["files"][number] => ({
  name: "declaration.yaml",
  text: Redacted.make(text),
  isSecret: true
})
