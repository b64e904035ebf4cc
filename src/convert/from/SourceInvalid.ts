import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { oneLine } from "../../text/printable.ts"
import { finalExitCodes } from "../../text/finalExitCodes.ts"

/** What was given to be converted cannot be: it is not what it should be, or nothing that runs can be made of it. */
export class SourceInvalid extends Schema.TaggedError<SourceInvalid>()("SourceInvalid", {
  file: Schema.String,
  /** From 1; undefined where the source has no lines. */
  line: Schema.UndefinedOr(Schema.Int),
  /** As in `services.web.image`, or `--publish`; empty for the whole. */
  path: Schema.String,
  /** What is wrong. Holds no values that may be secrets. */
  detail: Schema.String,
  /** What to write instead. */
  advice: Schema.String
}) {
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.useless
  }
  override get message(): string {
    const place = this.line === undefined ? this.file : `${this.file}:${this.line}`
    return oneLine(`${place}: ${this.path === "" ? "" : `${oneLine(this.path, 300)}: `}${this.detail}`, 1000)
  }
}
