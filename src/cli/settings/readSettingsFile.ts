import * as Arr from "effect/Array"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import { readText } from "../../declaration/yaml/readText.ts"
import { nearest } from "../../text/nearest.ts"
import { parseEnvironmentFile } from "../../install/parseEnvironmentFile.ts"
import { telemetryVariables } from "../telemetry/telemetrySettings.ts"
import { readInput } from "./readInput.ts"
import { readSettings } from "./readSettings.ts"
import { variables } from "./settingTable.ts"
import { SettingsInvalid } from "./SettingsInvalid.ts"

/** A file in the form of the unit's environment file. */
export interface SettingsFile {
  readonly text: string
  readonly values: ReadonlyMap<string, string>
}

/**
 * Reads and checks a settings file for another VM; `flag` names it in messages. All bad lines are reported at once, else
 * all bad settings.
 */
export const readSettingsFile = Effect.fn("readSettingsFile")(function* (flag: string, path: string) {
  const refused = (problems: Arr.NonEmptyReadonlyArray<string>) =>
    new SettingsInvalid({ problems: Arr.map(problems, (problem) => `${flag}: ${problem}`) })
  const input = yield* Effect.mapError(readInput(path), ({ message }) => refused([message]))
  const text = yield* Effect.fromResult(readText(input.text)).pipe(
    Effect.mapError(() => refused([`${path} is not a text in UTF-8`]))
  )
  const values = yield* Effect.fromResult(parseEnvironmentFile(text)).pipe(
    Effect.mapError((problems) => refused(Arr.map(problems, ({ line, why }) => `${path}:${line}: ${why}`)))
  )
  const problems = yield* problemsIn(values)
  if (Arr.isReadonlyArrayNonEmpty(problems)) return yield* refused(problems)
  const file: SettingsFile = { text, values }
  return file
})

/** Settings that name files of the VM, which cannot be read here. */
const vmFiles: ReadonlySet<string> = new Set(["SLIPWAY_DECLARATION", "SLIPWAY_POLICY"])

const problemsIn = Effect.fnUntraced(function* (values: ReadonlyMap<string, string>) {
  const provider = ConfigProvider.make((path) => {
    const name = path.join("_")
    const value = vmFiles.has(name) ? undefined : values.get(name)
    return Effect.succeed(value === undefined ? undefined : ConfigProvider.makeValue(value))
  })
  const invalid = yield* readSettings().pipe(
    Effect.provideService(ConfigProvider.ConfigProvider, provider),
    Effect.match({ onSuccess: () => [], onFailure: ({ problems }) => problems })
  )
  return [
    ...[...values.keys()].filter((name) => !known.has(name)).map(unknown),
    ...invalid,
    ...[...vmFiles]
      .filter((name) => values.get(name)?.startsWith("/") === false)
      .map((name) => `${name} must be an absolute path on the VM`),
    ...(values.has("SLIPWAY_TOKEN")
      ? [
          "SLIPWAY_TOKEN does not belong into user data, which every process of the VM can read; its service account does without"
        ]
      : []),
    ...(values.has(telemetryVariables.headers)
      ? [
          `${telemetryVariables.headers} does not belong into user data, which every process of the VM can read: a collector on the VM or in its network can add them`
        ]
      : [])
  ]
})

/** OpenTelemetry's among them: those that count here. */
const known: ReadonlySet<string> = new Set([...variables, ...Object.values(telemetryVariables)])

const unknown = (name: string): string => {
  const meant = nearest(name, variables)
  return `${name} is not a setting${meant === undefined ? "" : `; did you mean ${meant}?`}`
}
