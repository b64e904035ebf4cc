import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
import type { PlatformError } from "effect/PlatformError"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { ConvertedFile } from "../../convert/Converted.ts"

/** A folder or file that cannot be written. */
export class OutputUnwritable extends Schema.TaggedError<OutputUnwritable>()("OutputUnwritable", {
  path: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `${this.path} cannot be written: ${this.detail}`
  }
  get advice() {
    return "Name a folder that you may write to."
  }
}

/**
 * Writes files into a folder, which is made if it is missing. A file that is there is replaced by another one, not written
 * into: it may be readable to others. Gives their paths.
 */
export const writeFiles = Effect.fnUntraced(function* (folder: string, converted: ReadonlyArray<ConvertedFile>) {
  const files = yield* FileSystem.FileSystem
  const { join } = yield* Path.Path
  yield* makeFolder(folder)
  return yield* Effect.forEach(converted, ({ name, text, isSecret, isExecutable = false }) => {
    const path = join(folder, name)
    const mode = (isSecret ? 0o600 : 0o644) | (isExecutable ? (isSecret ? 0o100 : 0o111) : 0)
    return files
      .remove(path, { force: true })
      .pipe(
        Effect.andThen(files.writeFileString(path, Redacted.value(text), { flag: "wx", mode })),
        at(path),
        Effect.as(path)
      )
  })
})

/** With those above it, one by one: all at once, Node 20 never ends where a file system such as /proc takes none. */
const makeFolder = (folder: string): Effect.Effect<void, OutputUnwritable, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const { dirname } = yield* Path.Path
    const make = files.makeDirectory(folder)
    const above = dirname(folder)
    yield* make.pipe(
      Effect.catchIf(
        ({ reason }) => reason._tag === "NotFound" && above !== folder,
        () => Effect.andThen(makeFolder(above), make)
      ),
      Effect.catchIf(
        (error) => error._tag === "PlatformError" && error.reason._tag === "AlreadyExists",
        () => checkFolder(folder)
      ),
      Effect.catchTag("PlatformError", (error) => Effect.fail(unwritable(folder, error)))
    )
  })

/** What is there may be a folder, or a link to one. */
const checkFolder = (path: string) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const detail = yield* files.stat(path).pipe(
      Effect.map(({ type }) => (type === "Directory" ? undefined : "a file is in the way")),
      Effect.catchIf(
        ({ reason }) => reason._tag === "NotFound",
        () => Effect.succeed("it is a symbolic link that leads nowhere")
      )
    )
    if (detail !== undefined) return yield* new OutputUnwritable({ path, detail })
  })

const at = (path: string) => Effect.mapError((error: PlatformError) => unwritable(path, error))

const unwritable = (path: string, { reason }: PlatformError): OutputUnwritable => {
  const code = (reason as { readonly cause?: { readonly code?: unknown } }).cause?.code
  const detail = codes[String(code)] ?? reasons[reason._tag] ?? "the system refused it"
  return new OutputUnwritable({ path, detail })
}

const reasons: Readonly<Record<string, string>> = {
  PermissionDenied: "permission denied",
  AlreadyExists: "a file is in the way",
  BadResource: "it is not a file",
  Busy: "it is in use",
  NotFound: "nothing can be made there"
}

/** What no reason tells apart. */
const codes: Readonly<Record<string, string>> = {
  ENOTDIR: "a file is in the way",
  EISDIR: "a folder is in the way",
  ELOOP: "its symbolic links lead in a circle",
  EROFS: "its file system is read-only",
  ENOSPC: "no space is left",
  EDQUOT: "no space is left",
  ENAMETOOLONG: "its name is too long"
}
