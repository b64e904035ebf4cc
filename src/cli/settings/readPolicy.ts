import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { renderProblem } from "../../declaration/DeclarationInvalid.ts"
import { decodePolicy } from "../../declaration/policy/decodePolicy.ts"
import { textOf } from "../../workload/DeclarationText.ts"
import type { FlagValue } from "./flags.ts"
import { readInput } from "./readInput.ts"
import { readSetting } from "./Setting.ts"
import { settingTable } from "./settingTable.ts"
import { SettingsInvalid } from "./SettingsInvalid.ts"

/** The policy that the flag names, else the one that the variable does; one that cannot be read is never none. */
export const readPolicy = Effect.fn("readPolicy")(function* (flag: FlagValue) {
  return Option.map(yield* readPolicyText(flag), ({ policy }) => policy)
})

/** The same, with the text that it was read from. */
export const readPolicyText = Effect.fn("readPolicyText")(function* (flag: FlagValue) {
  const { value, name } = yield* Effect.mapError(readSetting(settingTable.policy, flag), refuse)
  return Option.isNone(value) ? Option.none() : Option.some(yield* readPolicyFile(name, value.value))
})

/** A policy and the text that it was read from; `name` is the setting that names the file. */
export const readPolicyFile = Effect.fn("readPolicyFile")(function* (name: string, path: string) {
  const input = yield* Effect.mapError(readInput(path), ({ message }) => refuse(`${name}: ${message}`))
  const decoded = decodePolicy(input)
  if (Result.isSuccess(decoded)) return { policy: decoded.success, text: textOf(input) }
  const { problems, omitted } = decoded.failure
  const [first, ...others] = problems
  const line = (problem: typeof first): string => `${name}: ${renderProblem(problem).replaceAll("\n", "\n  ")}`
  const more = omitted === 0 ? [] : [`${name}: … and ${omitted} more problems`]
  return yield* new SettingsInvalid({ problems: [line(first), ...others.map(line), ...more] })
})

const refuse = (problem: string) => new SettingsInvalid({ problems: [problem] })
