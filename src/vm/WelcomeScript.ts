import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { CommandError } from "./CommandError.ts"
import { type Command, CommandRunner } from "./CommandRunner.ts"
import { complaint } from "./Complaint.ts"

/** The script could not be written; `detail` is the program's own word for why. */
export class WelcomeScriptFailed extends Schema.TaggedError<WelcomeScriptFailed>()("WelcomeScriptFailed", {
  path: Schema.String,
  detail: Schema.String
}) {
  override get message() {
    return `write ${this.path}: ${this.detail}`
  }
}

/** What a login shell greets with: `/etc/profile.d/gce-containers-welcome.sh`, mode 0755. */
export class WelcomeScript extends Context.Service<
  WelcomeScript,
  {
    /** Writes a script that prints the lines as they are, whatever characters are in them, but for control characters. */
    readonly write: (lines: ReadonlyArray<string>) => Effect.Effect<void, CommandError | WelcomeScriptFailed>
  }
>()("slipway/vm/WelcomeScript") {
  /** Writes it beside its place and moves it there: a login finds the old script or the new one, never a half. */
  static readonly layer = (path: string = "/etc/profile.d/gce-containers-welcome.sh") =>
    Layer.effect(
      WelcomeScript,
      Effect.gen(function* () {
        const runner = yield* CommandRunner
        // Without `.sh` at its end, no shell reads it.
        const draft = `${path}.new`

        const run = Effect.fnUntraced(function* (command: Command) {
          const result = yield* runner.run(command)
          // Not its stdout: tee repeats the script.
          const detail = complaint({ ...result, stdout: "" })
          if (result.exitCode !== 0) return yield* new WelcomeScriptFailed({ path, detail })
        })

        return WelcomeScript.of({
          write: Effect.fn("WelcomeScript.write")(function* (lines) {
            const drafted = run({ program: "tee", args: ["--", draft], stdin: welcomeScript(lines) })
            yield* Effect.catchIf(
              drafted,
              (error) => error._tag === "WelcomeScriptFailed" && /no such file/i.test(error.detail),
              () =>
                Effect.andThen(
                  run({ program: "mkdir", args: ["-p", "--", path.slice(0, path.lastIndexOf("/")) || "/"] }),
                  drafted
                )
            )
            yield* run({ program: "chmod", args: ["0755", "--", draft] })
            yield* run({ program: "mv", args: ["-f", "-T", "--", draft, path] })
          })
        })
      })
    )
}

/**
 * A script that prints the lines and leaves no trace in the shell that sources it. Control characters, and those that
 * turn the direction of writing, are taken out: what an error quotes must not command a terminal.
 */
export const welcomeScript = (lines: ReadonlyArray<string>): string =>
  ["#!/bin/sh", ...lines.map((line) => `printf '%s\\n' ${quoted(printable(line))}`), ""].join("\n")

const printable = (line: string): string =>
  line.replace(/[\t\n\r]+/g, " ").replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, "")

/** Within single quotes a POSIX shell takes every character as it is but the single quote itself. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
