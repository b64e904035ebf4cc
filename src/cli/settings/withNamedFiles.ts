import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Path from "effect/Path"
import type { ConvertInput } from "../../convert/from/declare.ts"
import type { Origin } from "../../convert/targets.ts"
import { maximumSize } from "../../declaration/yaml/readText.ts"
import { InputUnreadable, readInput } from "./readInput.ts"

/**
 * What is to be converted with the files that belong to it, as Compose and Docker look for them: variables of
 * `--dotenv`, else of `.env` beside a Compose file, and what the text names. A Compose file names files from its own
 * folder, a docker command from the current one. What is not there, or is no text, is left out. Of standard input the
 * folder is not known.
 */
export const withNamedFiles = Effect.fnUntraced(function* (
  input: ConvertInput,
  { from, file, envFiles }: { readonly from: Origin; readonly file: string; readonly envFiles: ReadonlyArray<string> }
) {
  const { dirname, join, isAbsolute } = yield* Path.Path
  const folder = from === "compose" ? (file === "-" ? undefined : dirname(file)) : "."
  const named = yield* Effect.forEach(envFiles, readTextFile)
  const beside =
    from === "compose" && folder !== undefined && envFiles.length === 0 ? yield* readFile(join(folder, ".env")) : []
  const given: ConvertInput = { ...input, variableFiles: [...named, ...beside] }
  // No other command needs it.
  const { filesNamed } = yield* Effect.promise(() => import("../../convert/from/declare.ts"))
  const read = yield* Effect.forEach(filesNamed(given, from), (name) =>
    folder === undefined && !isAbsolute(name)
      ? Effect.succeed([])
      : Effect.map(readFile(isAbsolute(name) ? name : join(folder ?? ".", name)), (found) =>
          found.map(({ text }) => [name, text] as const)
        )
  )
  return { ...given, files: new Map(read.flat()) } satisfies ConvertInput
})

const readTextFile = Effect.fnUntraced(function* (name: string) {
  const { file, text: bytes } = yield* readInput(name)
  if (bytes.length > maximumSize) return yield* new InputUnreadable({ file, detail: "it is too large" })
  const text = yield* Effect.try({
    try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
    catch: () => new InputUnreadable({ file, detail: "it is no text in UTF-8" })
  })
  return { file, text }
})

/** Empty where it is no file that can be read. Nobody has named it, so that no pipe or device is waited for. */
const readFile = Effect.fnUntraced(function* (path: string) {
  const files = yield* FileSystem.FileSystem
  const isFile = yield* Effect.option(files.stat(path))
  if (Option.isNone(isFile) || isFile.value.type !== "File") return []
  return Option.toArray(yield* Effect.option(readTextFile(path)))
})
