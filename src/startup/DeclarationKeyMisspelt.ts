import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { finalExitCodes } from "../text/finalExitCodes.ts"
import { declarationKey, konletKey } from "../vm/metadata/DeclarationKeys.ts"

/** The VM has no declaration, but a metadata key that was most likely meant to hold one. */
export class DeclarationKeyMisspelt extends Schema.TaggedError<DeclarationKeyMisspelt>()("DeclarationKeyMisspelt", {
  /** As it is in the metadata. */
  key: Schema.String
}) {
  get advice() {
    return `Put it under "${declarationKey}".`
  }
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.useless
  }
  override get message() {
    return `the VM's metadata has no declaration: it has neither "${declarationKey}" nor "${konletKey}", but "${this.key}", which nothing reads`
  }
}
