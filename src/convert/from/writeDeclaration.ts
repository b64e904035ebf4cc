import * as Arr from "effect/Array"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../declaration/Declaration.ts"
import type { DeclarationProblem } from "../../declaration/DeclarationProblem.ts"
import type { DeclarationWarning } from "../../declaration/DeclarationWarning.ts"
import { oneLine } from "../../text/printable.ts"
import type { Converted, NotCarried } from "../Converted.ts"
import type { Losses } from "../Losses.ts"
import {
  isEmptyAt,
  located,
  originOf,
  textAt,
  type Parts,
  partOf,
  plainOf,
  type Steps,
  takeOut
} from "./DeclarationParts.ts"
import { writeYaml } from "../writeYaml.ts"
import { refusedPart } from "./refusedPart.ts"
import { SourceInvalid } from "./SourceInvalid.ts"
import { variableIn } from "./variableIn.ts"
import type { Origin, Value } from "./Value.ts"

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
    const { text, stepsAt, stepsOn } = located(parts)
    const decoded = decodeDeclaration({ file, text })
    const { warnings } = Result.isSuccess(decoded) ? decoded.success : decoded.failure
    const problems = Result.isSuccess(decoded) ? [] : decoded.failure.problems
    // A line is one of the draft, which nobody sees.
    const told = (finding: DeclarationProblem | DeclarationWarning): Finding => {
      const line = otherLine(finding)
      const origin = line === undefined ? undefined : originAt(parts, stepsOn(line))
      const variable = variableLeft(finding, textAt(parts, stepsAt(finding.line, finding.column)))
      if (variable !== undefined) return { ...wordsOf(finding), ...variable }
      return { ...wordsOf(finding), message: line && origin ? named(finding.message, line, origin) : finding.message }
    }
    // Of a text that is refused, warnings come again when it is not.
    const refused = problems.length > 0 ? problems : warnings.filter(({ _tag }) => ignored.has(_tag))
    if (refused.length === 0) {
      for (const warning of warnings) {
        if (!altered.has(warning._tag)) continue
        losses.add(originAt(parts, stepsAt(warning.line, warning.column)).path, reasonOf(told(warning), true))
      }
      const { notCarried, notes } = losses.found
      return Result.succeed({
        files: [fileOf(parts, source)],
        notCarried: notCarried.map(readable),
        notes: notes.map(readable)
      })
    }
    const findings = refused.map((finding) => {
      const found = stepsAt(finding.line, finding.column) ?? [0]
      const steps = refusedPart(found)
      const origin = originAt(parts, isNeeded(steps) ? found : steps)
      return { finding: told(finding), steps, origin }
    })
    const fatal = findings.filter(({ steps }) => isNeeded(steps))
    let isStuck = true
    const taken = new Set<string>()
    for (const { finding, steps, origin } of fatal.length > 0 ? [] : findings) {
      if (isWithin(taken, steps)) continue
      taken.add(JSON.stringify(steps))
      const isKnown = !isFirst && losses.found.notCarried.some(({ path }) => path === origin.path)
      if (!isKnown) losses.add(origin.path, reasonOf(finding, isFirst))
      if (takeOut(parts, steps)) isStuck = false
      takeOutEmpty(parts, steps)
    }
    if (!isStuck) continue
    const reasons = (fatal.length > 0 ? fatal : findings) as Arr.NonEmptyArray<(typeof findings)[number]>
    return Result.fail(
      SourceInvalid.join(
        Arr.map(reasons, ({ finding: { message, advice }, origin: { line, path } }) =>
          SourceInvalid.of(file, { line, path, detail: message, advice })
        )
      )
    )
  }
}

interface Finding {
  readonly _tag: string
  readonly message: string
  readonly advice: string
}

const wordsOf = ({ _tag, message, advice }: Finding): Finding => ({ _tag, message, advice })

/** What is left of a shell's or Compose's variable is named by its own name, which is in a name or a path. */
const variableLeft = (finding: DeclarationProblem | DeclarationWarning, text: string) => {
  const variable = finding._tag === "PlaceholderLeft" && finding.form.startsWith("$") ? variableIn(text) : undefined
  return variable === undefined
    ? undefined
    : { message: `the variable ${variable} in it is not replaced`, advice: "Write what it stands for." }
}

/** The line of something else that a finding's message names. */
const otherLine = (finding: object): number | undefined => {
  const { firstLine, mountLine } = finding as { readonly firstLine?: unknown; readonly mountLine?: unknown }
  const line = firstLine ?? mountLine
  return typeof line === "number" ? line : undefined
}

const named = (message: string, line: number, { path }: Origin): string => {
  const words = `on line ${line}`
  const at = message.lastIndexOf(words)
  return at === -1 ? message : `${message.slice(0, at)}at ${path}${message.slice(at + words.length)}`
}

/** What held nothing but what was taken out goes with it, unless it says something when it is empty. */
const takeOutEmpty = (parts: Parts, steps: Steps): void => {
  const holder = steps.slice(0, -1)
  const isOfVolume = holder[2] === "volumes" && holder.length > 3
  if (holder[0] !== 0 || holder.length < 3 || isOfVolume || isNeeded(holder) || !isEmptyAt(parts, holder)) return
  takeOut(parts, holder)
  takeOutEmpty(parts, holder)
}

/** A key or a word of the source may be of any length. */
const readable = ({ path, reason }: NotCarried): NotCarried => ({
  path: oneLine(path, 300),
  reason: oneLine(reason, 700)
})

/** Without effect, or with one that was not meant: what they are about is taken out. */
const ignored: ReadonlySet<DeclarationWarning["_tag"]> = new Set([
  "KeyMeaningless",
  "KeyUnsupported",
  "KeyUnknown",
  "KeyMisplaced",
  "VolumeUnused",
  "DocumentMeaningless",
  "HostNetworkIgnores",
  "PrivilegedIgnores",
  "ResourceNotEnforced",
  "SizeLimitNotEnforced",
  "ProfileAnnotationIgnored",
  // Another secret would be read than the one that was meant.
  "SecretKeyIsVersion"
])

/** It stays, with another effect than it had. */
const altered: ReadonlySet<DeclarationWarning["_tag"]> = new Set(["ContainerPortShared", "NameServersReplaced"])

/** Values of declarations are never in a finding's message. */
const reasonOf = ({ _tag, message, advice }: Finding, isFirst: boolean): string => {
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
