import * as Result from "effect/Result"
import type { Losses } from "../Losses.ts"
import { parseDotenv } from "./dotenv.ts"
import { type EnvLine, parseEnvFile } from "./envFile.ts"
import { interpolate } from "./interpolate.ts"
import { allOf, type SourceInvalid } from "./SourceInvalid.ts"

/** A file of variables that a Compose file is read with, such as `.env`. */
export interface VariableFile {
  /** As it is shown. */
  readonly file: string
  readonly text: string
}

/**
 * Variables by name, of files as well: of one name that of the last file counts, and what is given beside the files goes
 * before them, as the environment does for Compose.
 */
export const readVariables = (
  given: ReadonlyMap<string, string>,
  files: ReadonlyArray<VariableFile>,
  losses: Losses
): Result.Result<Map<string, string>, SourceInvalid> =>
  Result.map(
    allOf(
      files.map(({ file, text }) => {
        losses.note(file, "Its variables were put into what refers to them, as Compose does.")
        return dotenvLines({ file, path: file, text }, given, losses)
      })
    ),
    (all) =>
      new Map([
        ...all.flat().flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const])),
        ...given
      ])
  )

interface Named {
  readonly file: string
  /** Where its variables come from, in what is listed. */
  readonly path: string
  readonly text: string
}

/** The lines of a file, with the variables in its values replaced; those that stand alone have the value that is given. */
const dotenvLines = (
  { file, path, text }: Named,
  given: ReadonlyMap<string, string>,
  losses: Losses
): Result.Result<ReadonlyArray<EnvLine>, SourceInvalid> =>
  Result.map(
    parseDotenv({
      file,
      text,
      expand: (value, name, before) =>
        interpolate(new Map([...before, ...given]), losses)(value, { path: `${path} (${name})` })
    }),
    (lines) => lines.map(({ name, value }) => ({ name, value: value ?? given.get(name) }))
  )

/** What a file that `env_file` names sets: read like `.env`, or each line as it is (`format: raw`). */
export const envFileLines = (
  named: Named & { readonly format: string | undefined },
  given: ReadonlyMap<string, string>,
  losses: Losses
): Result.Result<ReadonlyArray<EnvLine>, SourceInvalid> =>
  named.format === "raw" ? Result.succeed(parseEnvFile(named.text)) : dotenvLines(named, given, losses)
