import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Path from "effect/Path"
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
  const at = (path: string) =>
    Effect.mapError(
      ({ reason }: { readonly reason: { readonly _tag: string } }) =>
        new OutputUnwritable({ path, detail: reasons[reason._tag] ?? reason._tag })
    )
  yield* files.makeDirectory(folder, { recursive: true }).pipe(at(folder))
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

const reasons: Readonly<Record<string, string>> = {
  PermissionDenied: "permission denied",
  AlreadyExists: "a file is in the way",
  BadResource: "it is not a file"
}
