import * as Schema from "effect/Schema"

/** Flags or environment variables that cannot be used: all of them, without their values. */
export class SettingsInvalid extends Schema.TaggedError<SettingsInvalid>()("SettingsInvalid", {
  problems: Schema.NonEmptyArray(Schema.String)
}) {
  override get message() {
    return this.problems.map((problem) => `  ${problem}`).join("\n")
  }
}
