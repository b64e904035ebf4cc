import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { finalExitCodes } from "../../text/finalExitCodes.ts"

/** `--strict` was asked for, and the result would not say all that is converted. */
export class ConversionIncomplete extends Schema.TaggedError<ConversionIncomplete>()("ConversionIncomplete", {
  file: Schema.String,
  count: Schema.Int
}) {
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.useless
  }
  override get message(): string {
    return `${this.file}: refused by --strict: ${this.count === 1 ? "one thing" : `${this.count} things`} would not be carried over`
  }
  get advice(): string {
    return "Change what is listed, or leave out --strict."
  }
}
