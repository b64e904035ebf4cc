import * as Flag from "effect/cli/Flag"
import * as Option from "effect/Option"
import { makeFlag, type Written } from "./Setting.ts"
import { type SettingName, settingTable } from "./settingTable.ts"

/** A setting's flag, as it was written; none where it was not. */
export type FlagValue = Option.Option<Written>

const flagsOf = <const Names extends ReadonlyArray<SettingName>>(...names: Names) => {
  const flags = names.flatMap((name) => {
    const { flag } = settingTable[name]
    return flag === undefined ? [] : [[name, makeFlag<unknown>(flag, settingTable[name])]]
  })
  return Object.fromEntries(flags) as { readonly [Name in Names[number]]: Flag.Flag<FlagValue> }
}

/** Where the declaration comes from, and what the VM is like. `up` and `plan` share them. */
export const sharedFlags = flagsOf(
  "declaration",
  "policy",
  "token",
  "openIptables",
  "mountRoot",
  "lastGood",
  "hostProcPath",
  "confirm"
)

/** What the VM is like, for commands that only look at what runs left. */
export const lookFlags = flagsOf("hostProcPath")

export const agentFlags = { ...sharedFlags, ...flagsOf("pullFallback", "showWelcome", "followTags") }

export const upFlags = { ...sharedFlags, ...flagsOf("pullFallback", "retry", "showWelcome", "detached") }

/** What a command needs that only stops. */
export const downFlags = flagsOf("mountRoot", "showWelcome", "hostProcPath")

/** What the host allows; every command that reads a declaration has it. */
export const policyFlag = sharedFlags.policy

/** Every command has it. */
export const logFormatFlag = flagsOf("logFormat").logFormat

/** What the flags of a command line say. */
export type FlagValues = Readonly<Partial<Record<SettingName, FlagValue>>>

/** Whether a command prints for people or for programs. */
export const formatFlag = Flag.Literals("format", ["text", "json"]).pipe(
  Flag.withDescription("Print text for people, or JSON for programs"),
  Flag.withDefault("text")
)
