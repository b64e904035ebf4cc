import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as EngineAnswer from "./EngineAnswer.ts"
import { type EngineConnection, get } from "./EngineConnection.ts"
import type { ExecResult } from "./Inspection.ts"
import { LogFrames } from "./LogFrames.ts"

/** The most characters that are kept of a command's output: its end. */
const outputLimit = 64 * 1024

const decodeExitCode = Schema.decodeUnknownOption(Schema.Struct({ ExitCode: Schema.Int }))

/** Runs commands in containers. Source: "Exec" in the engine's API. */
export const execCalls = ({ decoded, bytes }: EngineConnection) => ({
  exec: Effect.fnUntraced(function* (id: string, command: ReadonlyArray<string>) {
    const operation = `run a command in container ${id}`
    const exec = yield* decoded(
      {
        operation,
        method: "POST",
        path: `/containers/${encodeURIComponent(id)}/exec`,
        body: { AttachStdout: true, AttachStderr: true, Cmd: command }
      },
      EngineAnswer.created
    )
    const path = `/exec/${encodeURIComponent(exec)}`
    const frames = new LogFrames(false)
    const decoder = new TextDecoder()
    const output = yield* bytes({
      operation,
      method: "POST",
      path: `${path}/start`,
      body: { Detach: false, Tty: false }
    }).pipe(
      Stream.flatMap((chunk) => Stream.fromIterable(frames.push(chunk))),
      Stream.runFold(
        () => "",
        (text, { bytes }) => (text + decoder.decode(bytes, { stream: true })).slice(-outputLimit)
      )
    )
    const exitCode = yield* decoded(get(operation, `${path}/json`), (answer) =>
      Option.map(decodeExitCode(answer), ({ ExitCode }) => ExitCode)
    )
    const result: ExecResult = { exitCode, output }
    return result
  })
})
