import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../declaration/Declaration.ts"
import { renderProblem } from "../declaration/DeclarationInvalid.ts"
import { exitCodes } from "./exitCode.ts"
import type { Outside } from "./Outside.ts"

/** `slipway check`: no VM, no engine, no network. */
export const makeCheck = (outside: Pick<Outside, "exitWith">) =>
  Command.make(
    "check",
    {
      files: Argument.String("FILE").pipe(
        Argument.withDescription("Declarations; - is standard input"),
        Argument.atLeast(1)
      ),
      format: Flag.Literals("format", ["text", "json"]).pipe(
        Flag.withDescription("How to print what is found"),
        Flag.withDefault("text")
      )
    },
    Effect.fnUntraced(function* ({ files, format }) {
      const system = yield* FileSystem.FileSystem
      const checked = yield* Effect.forEach(files, (file) =>
        system.readFile(file === "-" ? "/dev/stdin" : file).pipe(
          Effect.map((text) => checkText(file === "-" ? "<stdin>" : file, text)),
          Effect.catch((error) =>
            Effect.succeed({
              file,
              valid: false,
              problems: [],
              warnings: [],
              unreadable: `${file}: cannot be read (${error.reason._tag})`
            })
          )
        )
      )
      if (format === "json")
        yield* Console.log(
          JSON.stringify(
            checked.map(({ file, valid, problems, warnings }) => ({ file, valid, problems, warnings })),
            null,
            2
          )
        )
      else {
        for (const { file, valid, problems, warnings, unreadable } of checked) {
          if (unreadable !== undefined) yield* Console.error(unreadable)
          for (const found of [...problems, ...warnings]) yield* Console.error(renderProblem(found))
          if (valid)
            yield* Console.log(
              `${file}: ok${warnings.length === 0 ? "" : `, ${warnings.length} warning${warnings.length === 1 ? "" : "s"}`}`
            )
        }
      }
      if (checked.some(({ valid }) => !valid)) outside.exitWith(exitCodes.useless)
    })
  ).pipe(
    Command.withDescription("Check declarations without a VM: all problems at once, with line and column"),
    Command.withExamples([
      { command: "slipway check web.yaml jobs/*.yaml", description: "In CI: exit code 78 if any cannot work" },
      { command: "slipway check --format json -", description: "For editors: what is typed, on standard input" }
    ])
  )

const checkText = (file: string, text: Uint8Array) => {
  const decoded = decodeDeclaration({ file, text })
  const { problems, warnings } = Result.isSuccess(decoded)
    ? { problems: [], warnings: decoded.success.warnings }
    : decoded.failure
  return { file, valid: Result.isSuccess(decoded), problems, warnings, unreadable: undefined }
}
