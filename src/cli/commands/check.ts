import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../declaration/Declaration.ts"
import { renderDeclarationInvalid, renderProblem } from "../../declaration/DeclarationInvalid.ts"
import type { DeclarationProblem } from "../../declaration/DeclarationProblem.ts"
import type { DeclarationWarning } from "../../declaration/DeclarationWarning.ts"
import type { Policy } from "../../declaration/policy/Policy.ts"
import { exitCodes } from "../output/exitCodes.ts"
import { reportFailure } from "../output/reportFailure.ts"
import type { Platform } from "../Platform.ts"
import { formatFlag, policyFlag } from "../settings/flags.ts"
import { readPolicy } from "../settings/readPolicy.ts"
import { printable } from "../../text/printable.ts"
import type { DeclarationText } from "../../workload/DeclarationText.ts"
import { type InputUnreadable, readInput } from "../settings/readInput.ts"

/** `slipway check`: no VM, no engine, no network. */
export const makeCheck = (platform: Pick<Platform, "exitWith">) =>
  Command.make(
    "check",
    {
      files: Argument.String("FILE").pipe(
        Argument.withDescription("The declarations to check; - is standard input"),
        Argument.atLeast(1)
      ),
      policy: policyFlag,
      strict: Flag.Boolean("strict").pipe(
        Flag.withDescription("Treat warnings as failures too, with exit code 78"),
        Flag.withDefault(false)
      ),
      format: formatFlag
    },
    Effect.fnUntraced(function* ({ files, format, policy: policyFile, strict }) {
      const policy = Option.getOrUndefined(yield* readPolicy(policyFile))
      const checked = yield* Effect.forEach(files, (name) =>
        Effect.match(readInput(name), {
          onSuccess: (input) => (strict ? strictly : identity)(checkInput(input, policy)),
          onFailure: unreadable
        })
      )
      if (format === "json") yield* Console.log(JSON.stringify(checked.map(toJson), null, 2))
      else
        for (const { file, valid, lines } of checked) {
          for (const line of lines) yield* Console.error(printable(line))
          if (valid) yield* Console.log(printable(`${file}: ok${count(lines.length)}`))
        }
      if (checked.some(({ valid }) => !valid)) platform.exitWith(exitCodes.useless)
    }, reportFailure)
  ).pipe(
    Command.withDescription("Check declarations without a VM: all problems at once, with line and column"),
    Command.withExamples([
      { command: "slipway check web.yaml jobs/*.yaml", description: "In CI: exit code 78 if any cannot work" },
      { command: "slipway check --strict web.yaml", description: "Warnings are failures too" },
      { command: "slipway check --policy host.yaml web.yaml", description: "Against what the host allows, too" },
      { command: "slipway check --format json -", description: "For editors: the text on standard input" }
    ])
  )

/** The result for one file. */
interface Checked {
  readonly file: string
  readonly valid: boolean
  /** Why the file cannot be read. */
  readonly error: string | undefined
  readonly findings: ReadonlyArray<DeclarationProblem | DeclarationWarning>
  /** The findings as people read them. */
  readonly lines: ReadonlyArray<string>
}

const checkInput = (input: DeclarationText, policy: Policy | undefined): Checked => {
  const decoded = decodeDeclaration(input, policy)
  const { file } = input
  if (Result.isSuccess(decoded)) {
    const { warnings } = decoded.success
    return { file, valid: true, error: undefined, findings: warnings, lines: warnings.map(renderProblem) }
  }
  const { problems, warnings } = decoded.failure
  const lines = [renderDeclarationInvalid(decoded.failure), ...warnings.map(renderProblem)]
  return { file, valid: false, error: undefined, findings: [...problems, ...warnings], lines }
}

/** The same findings, but any of them makes the file invalid. */
const strictly = (checked: Checked): Checked =>
  !checked.valid || checked.findings.length === 0
    ? checked
    : {
        ...checked,
        valid: false,
        lines: [...checked.lines, `${checked.file}: refused by --strict${count(checked.findings.length)}`]
      }

const unreadable = ({ file, message }: InputUnreadable): Checked => ({
  file,
  valid: false,
  error: message,
  findings: [],
  lines: [message]
})

const toJson = ({ file, valid, error, findings }: Checked) => ({
  file,
  valid,
  ...(error === undefined ? {} : { error }),
  findings: findings.map((finding) => ({
    severity: finding instanceof Error ? "error" : "warning",
    kind: finding._tag,
    line: finding.line,
    column: finding.column,
    message: finding.message,
    advice: finding.advice,
    excerpt: finding.excerpt
  }))
})

const count = (warnings: number): string =>
  warnings === 0 ? "" : `, ${warnings} ${warnings === 1 ? "warning" : "warnings"}`
