import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { CommandError } from "./CommandError.ts"

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
    /** Writes a script that prints the lines as they are, whatever characters are in them. */
    readonly write: (lines: ReadonlyArray<string>) => Effect.Effect<void, CommandError | WelcomeScriptFailed>
  }
>()("slipway/vm/WelcomeScript") {}
