import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { renderProblem } from "../../declaration/DeclarationInvalid.ts"
import { type Policy } from "../../declaration/policy/Policy.ts"
import { decodePolicy } from "../../declaration/policy/decodePolicy.ts"
import { textOf } from "../../workload/DeclarationText.ts"
import { readInput } from "./readInput.ts"
import { SettingsInvalid } from "./SettingsInvalid.ts"

const variable = "SLIPWAY_POLICY"

/** What the host allows; every command that reads a declaration has it. */
export const policyFlag = Flag.String("policy").pipe(
  Flag.withMetavar("FILE"),
  Flag.withDescription(`Refuse what this file does not allow a declaration to do to the VM. Also ${variable}`),
  Flag.optional
)

/**
 * The policy that the flag names, else the one that the variable does. What names none, or one that cannot be read, is
 * never taken for "no policy": an empty variable may be a file's name that got lost.
 */
export const readPolicy = Effect.fn("readPolicy")(function* (flag: Option.Option<string>) {
  const name = Option.isSome(flag) ? "--policy" : variable
  const refuse = (problem: string) => new SettingsInvalid({ problems: [`${name}${problem}`] })
  const given = Option.isSome(flag)
    ? flag
    : yield* Effect.mapError(Config.option(Config.String(variable)), () => refuse(" cannot be read"))
  if (Option.isNone(given)) return Option.none<Policy>()
  return Option.some((yield* readPolicyFile(name, given.value)).policy)
})

/** A policy and the text that it was read from; `name` is the setting that names the file. */
export const readPolicyFile = Effect.fn("readPolicyFile")(function* (name: string, path: string) {
  const refuse = (problem: string) => new SettingsInvalid({ problems: [`${name}${problem}`] })
  // Standard input is the declaration's.
  if (path === "" || path === "-") return yield* refuse(" must name a file")
  const input = yield* Effect.mapError(readInput(path), ({ message }) => refuse(`: ${message}`))
  const decoded = decodePolicy(input)
  if (Result.isSuccess(decoded)) return { policy: decoded.success, text: textOf(input) }
  const { problems, omitted } = decoded.failure
  const [first, ...others] = problems
  const line = (problem: typeof first): string => `${name}: ${renderProblem(problem).replaceAll("\n", "\n  ")}`
  const more = omitted === 0 ? [] : [`${name}: … and ${omitted} more problems`]
  return yield* new SettingsInvalid({ problems: [line(first), ...others.map(line), ...more] })
})
