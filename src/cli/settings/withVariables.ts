import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { ConvertInput } from "../../convert/from/declare.ts"
import type { Origin } from "../../convert/targets.ts"
import { textOf } from "../../workload/DeclarationText.ts"
import { readInput } from "./readInput.ts"

/**
 * What is to be converted with the files of variables that belong to it, as Compose and Docker look for them: those that are
 * named by `--env-file`, else `.env` beside a Compose file, and those that the text names. A Compose file names them from its
 * own folder, a docker command from the current one. What is not there is left out. Of standard input the folder is not known.
 */
export const withVariables = Effect.fnUntraced(function* (
  input: ConvertInput,
  { from, file, envFiles }: { readonly from: Origin; readonly file: string; readonly envFiles: ReadonlyArray<string> }
) {
  const { dirname, join, isAbsolute } = yield* Path.Path
  const folder = from === "compose" ? (file === "-" ? undefined : dirname(file)) : "."
  const named = yield* Effect.forEach(envFiles, (name) => Effect.map(readInput(name), asText))
  const beside =
    from === "compose" && folder !== undefined && envFiles.length === 0 ? yield* readFile(join(folder, ".env")) : []
  const given: ConvertInput = { ...input, variableFiles: [...named, ...beside] }
  // No other command needs it.
  const { envFilesNamed } = yield* Effect.promise(() => import("../../convert/from/declare.ts"))
  const read = yield* Effect.forEach(envFilesNamed(given, from), (name) =>
    folder === undefined && !isAbsolute(name)
      ? Effect.succeed([])
      : Effect.map(readFile(isAbsolute(name) ? name : join(folder ?? ".", name)), (found) =>
          found.map(({ text }) => [name, text] as const)
        )
  )
  return { ...given, envFiles: new Map(read.flat()) } satisfies ConvertInput
})

const asText = ({ file, text }: { readonly file: string; readonly text: Uint8Array }) => ({
  file,
  text: textOf({ text })
})

/** Empty where it is no file that can be read. Nobody has named it, so that no pipe or device is waited for. */
const readFile = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const isFile = yield* Effect.option(files.stat(path))
  if (Option.isNone(isFile) || isFile.value.type !== "File") return []
  const found = yield* Effect.option(readInput(path))
  return Option.toArray(found).map(asText)
})
