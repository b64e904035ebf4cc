import * as Arr from "effect/Array"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import { readText } from "../../declaration/yaml/readText.ts"
import { nearest } from "../../text/nearest.ts"
import { parseEnvironmentFile } from "../../install/environmentFile.ts"
import { readInput } from "./readInput.ts"
import { readSettings } from "./readSettings.ts"
import { variables } from "./settingTable.ts"
import { SettingsInvalid } from "./SettingsInvalid.ts"

/** A file of settings, as the unit's environment file has them. */
export interface SettingsFile {
  readonly text: string
  readonly values: ReadonlyMap<string, string>
}

/**
 * Reads a file of settings for another VM, as a run there would; `flag` names it. All that is wrong in its lines is found at
 * once, else all that is wrong in its settings.
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

/** The files that these name are on the VM, where they can be read. */
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
    ...[...values.keys()].filter((name) => !variables.includes(name)).map(unknown),
    ...invalid,
    ...[...vmFiles]
      .filter((name) => values.get(name)?.startsWith("/") === false)
      .map((name) => `${name} must be an absolute path on the VM`),
    ...(values.has("SLIPWAY_TOKEN")
      ? [
          "SLIPWAY_TOKEN does not belong into user data, which every process of the VM can read; its service account does without"
        ]
      : [])
  ]
})

const unknown = (name: string): string => {
  const meant = nearest(name, variables)
  return `${name} is not a setting${meant === undefined ? "" : `; did you mean ${meant}?`}`
}
