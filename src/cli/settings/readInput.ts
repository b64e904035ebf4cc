import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import * as Stdio from "effect/Stdio"
import * as Stream from "effect/Stream"
import { maximumSize } from "../../declaration/yaml/readText.ts"
import { finalExitCodes } from "../../text/finalExitCodes.ts"
import type { DeclarationText } from "../../workload/DeclarationText.ts"

/** A file, or standard input, that cannot be read. */
export class InputUnreadable extends Schema.TaggedError<InputUnreadable>()("InputUnreadable", {
  file: Schema.String,
  detail: Schema.String
}) {
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.useless
  }
  override get message() {
    return `${this.file} cannot be read: ${this.detail}`
  }
}

/**
 * Reads a file, or standard input if its name is `-`. Stops one byte after the largest declaration: the input may be a
 * device, or a pipe that never ends.
 */
export const readInput = Effect.fnUntraced(function* (name: string) {
  const file = name === "-" ? "<stdin>" : name
  const files = yield* FileSystem.FileSystem
  const stdio = yield* Stdio.Stdio
  const chunks: Array<Uint8Array> = []
  let size = 0
  const bytes = name === "-" ? stdio.stdin : files.stream(name, { bytesToRead: maximumSize + 1 })
  yield* bytes.pipe(
    Stream.takeUntil((chunk) => {
      chunks.push(chunk)
      size += chunk.length
      return size > maximumSize
    }),
    Stream.runDrain,
    Effect.mapError(({ reason }) => new InputUnreadable({ file, detail: reasons[reason._tag] ?? reason._tag }))
  )
  const text = new Uint8Array(size)
  let offset = 0
  for (const chunk of chunks) {
    text.set(chunk, offset)
    offset += chunk.length
  }
  return { file, text } satisfies DeclarationText
})

const reasons: Readonly<Record<string, string>> = {
  NotFound: "there is no such file",
  PermissionDenied: "permission denied",
  BadResource: "it is not a file",
  Unknown: "it is not a file, or the system failed to read it"
}
