import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { finalExitCodes } from "../text/finalExitCodes.ts"

/** A declaration that was given by name and cannot be read any more. */
export class DeclarationUnreadable extends Schema.TaggedError<DeclarationUnreadable>()("DeclarationUnreadable", {
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
