import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { CommandError } from "./CommandError.ts"
import { type HostFileFailed, HostFiles } from "./HostFiles.ts"
import { printable } from "../../text/printable.ts"

/** The greeting of login shells: `/etc/profile.d/gce-containers-welcome.sh`, mode 0755. */
export class WelcomeScript extends Context.Service<
  WelcomeScript,
  {
    /** Writes a script that prints the lines literally, except for control characters. */
    readonly write: (lines: ReadonlyArray<string>) => Effect.Effect<void, CommandError | HostFileFailed>
  }
>()("slipway/vm/WelcomeScript") {
  /** Atomic: a login finds the old script or the new one. */
  static readonly layer = (path: string = "/etc/profile.d/gce-containers-welcome.sh") =>
    Layer.effect(
      WelcomeScript,
      Effect.map(HostFiles, (files) => {
        /** What this process has written: an agent that finds nothing to do writes nothing. */
        let written: string | undefined
        return WelcomeScript.of({
          write: Effect.fn("WelcomeScript.write")(function* (lines) {
            const script = welcomeScript(lines)
            if (script === written) return
            // The temporary name does not end in `.sh`, so no shell sources it.
            yield* files.write(path, script, { mode: "0755" })
            written = script
          })
        })
      })
    )
}

/**
 * A script that prints the lines and leaves no trace in the shell that sources it. An error may quote anything, so only
 * printable characters reach the terminal.
 */
export const welcomeScript = (lines: ReadonlyArray<string>): string =>
  ["#!/bin/sh", ...lines.map((line) => `printf '%s\\n' ${quoted(printable(line.replace(/[\r\n]+/g, " ")))}`), ""].join(
    "\n"
  )

/** Within single quotes a POSIX shell takes everything literally but the single quote. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
