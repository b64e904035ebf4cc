import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { finalExitCodes } from "../../text/finalExitCodes.ts"

/** Flags or environment variables that cannot be used: all of them, without their values. */
export class SettingsInvalid extends Schema.TaggedError<SettingsInvalid>()("SettingsInvalid", {
  problems: Schema.NonEmptyArray(Schema.String)
}) {
  get heading() {
    return "these settings cannot be used, nothing was changed:"
  }
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.useless
  }
  override get message() {
    return this.problems.map((problem) => `  ${problem}`).join("\n")
  }
}
