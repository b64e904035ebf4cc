import type * as Duration from "effect/Duration"
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Operation } from "../../timing/Deadlines.ts"
import { DeclarationUnreadable } from "../../startup/DeclarationUnreadable.ts"
import type { Settings } from "../../startup/Settings.ts"
import type { HostSettings } from "../../vm/Vm.ts"
import type { FlagValue, FlagValues } from "./flags.ts"
import { readPolicyFile } from "./readPolicy.ts"
import { readInput } from "./readInput.ts"
import { type Given, readSetting, type Setting } from "./Setting.ts"
import { deadlineSettings, type SettingName, settingTable } from "./settingTable.ts"
import { SettingsInvalid } from "./SettingsInvalid.ts"

/** All settings of a run. */
export interface RunSettings {
  readonly settings: Settings
  readonly host: HostSettings
  readonly deadlines: Readonly<Record<Operation, Duration.Duration>>
  readonly detached: boolean
  /** The file that the declaration was read from, if it can be read again. */
  readonly file: Option.Option<string>
  /** How often the agent asks the registries. */
  readonly followTagsEvery: Option.Option<Duration.Duration>
}

type ValueOf<S> = S extends Setting<infer A> ? A : never
type AllGiven = { readonly [Name in SettingName]: Given<ValueOf<(typeof settingTable)[Name]>> }

/** Flags first, then variables, then defaults. All that is wrong is found at once. */
export const readSettings = Effect.fn("readSettings")(function* (flags: FlagValues = {}) {
  const names = Object.keys(settingTable) as ReadonlyArray<SettingName>
  const { problems, orNote, deadlines, given } = yield* readGiven(flags, names)
  const all = given as AllGiven
  const { declaration: file, policy } = all
  // What standard input gave is gone.
  const reread = Option.filter(file.value, (name) => name !== "-")
  const settings: Settings = {
    declaration: yield* orNote(
      ifNamed(file, ({ value, name }) => Effect.mapError(readInput(value), ({ message }) => `${name}: ${message}`)),
      Option.none()
    ),
    policy: yield* orNote(
      ifNamed(policy, ({ value, name }) => Effect.map(readPolicyFile(name, value), ({ policy }) => policy)),
      Option.none()
    ),
    token: all.token.value,
    showWelcome: all.showWelcome.value,
    openIptables: all.openIptables.value,
    mountRoot: all.mountRoot.value,
    confirm: all.confirm.value,
    pullFallback: all.pullFallback.value,
    lastGood: all.lastGood.value,
    retry: all.retry.value,
    followTags: true,
    endsDown: true,
    ...(Option.isSome(reread)
      ? { rereadDeclaration: Effect.provideContext(readAgain(reread.value), yield* Effect.context<InputServices>()) }
      : {})
  }
  if (Arr.isArrayNonEmpty(problems)) return yield* new SettingsInvalid({ problems })
  const run: RunSettings = {
    settings,
    host: hostOf(all),
    deadlines,
    detached: all.detached.value,
    file: reread,
    followTagsEvery: all.followTags.value
  }
  return run
})

const hostNames = [
  "engine",
  "hostProcPath",
  "lockPath",
  "welcomeScriptPath",
  "statePath",
  "statusPath"
] as const satisfies ReadonlyArray<SettingName>
type HostName = (typeof hostNames)[number]

/** The settings of `down`: whatever is declared, or cannot be read, is not in its way. */
export const readDownSettings = Effect.fn("readDownSettings")(function* (flags: FlagValues = {}) {
  const { problems, deadlines, given } = yield* readGiven(flags, [...hostNames, "mountRoot", "showWelcome"])
  if (Arr.isArrayNonEmpty(problems)) return yield* new SettingsInvalid({ problems })
  const { mountRoot, showWelcome, ...host } = given as Pick<AllGiven, HostName | "mountRoot" | "showWelcome">
  return { mountRoot: mountRoot.value, showWelcome: showWelcome.value, host: hostOf(host), deadlines }
})

/** The settings of a command that looks at the VM and needs no declaration. */
export const readHostSettings = Effect.fn("readHostSettings")(function* (flags: FlagValues = {}) {
  const { problems, deadlines, given } = yield* readGiven(flags, hostNames)
  if (Arr.isArrayNonEmpty(problems)) return yield* new SettingsInvalid({ problems })
  const settings: Pick<RunSettings, "host" | "deadlines"> = {
    host: hostOf(given as Pick<AllGiven, HostName>),
    deadlines
  }
  return settings
})

const hostOf = (given: Pick<AllGiven, HostName>): HostSettings => ({
  engine: given.engine.value,
  hostProcPath: given.hostProcPath.value,
  lockPath: given.lockPath.value,
  welcomeScriptPath: given.welcomeScriptPath.value,
  statePath: given.statePath.value,
  statusPath: given.statusPath.value ?? given.lockPath.value.replace(/[^/]*$/, "status.json")
})

/** What is given for these settings and for all deadlines, and what is wrong with it. */
const readGiven = Effect.fnUntraced(function* (flags: FlagValues, names: ReadonlyArray<SettingName>) {
  const problems: Array<string> = []
  /** The problem is noted, and what could not be read goes on as its default. */
  const orNote = <A, R>(effect: Effect.Effect<A, string | SettingsInvalid, R>, fallback: A) =>
    Effect.catch(effect, (problem) => {
      problems.push(...(typeof problem === "string" ? [problem] : problem.problems))
      return Effect.succeed(fallback)
    })
  const read = <A>(setting: Setting<A>, written?: FlagValue) =>
    orNote(readSetting(setting, written), { value: setting.fallback, name: setting.variable })

  const deadlines: Partial<Record<Operation, Duration.Duration>> = {}
  for (const [operation, setting] of deadlineSettings) deadlines[operation] = (yield* read(setting)).value
  const given: Partial<Record<SettingName, Given<unknown>>> = {}
  for (const name of names) {
    given[name] = yield* read<unknown>(settingTable[name], flags[name])
  }
  return { problems, orNote, deadlines: deadlines as RunSettings["deadlines"], given }
})

/** Reads the file that a setting names, if it names one. */
const ifNamed = <A, E, R>(
  { value, name }: Given<Option.Option<string>>,
  read: (file: Given<string>) => Effect.Effect<A, E, R>
) =>
  Option.match(value, {
    onNone: () => Effect.succeedNone,
    onSome: (file) => Effect.asSome(read({ value: file, name }))
  })

const readAgain = (file: string) =>
  Effect.mapError(readInput(file), ({ file, detail }) => new DeclarationUnreadable({ file, detail }))
type InputServices = Effect.Services<ReturnType<typeof readInput>>
