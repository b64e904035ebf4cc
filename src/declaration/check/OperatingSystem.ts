import * as Schema from "effect/Schema"
import type { DeclaredSpec } from "../DeclarationSchema.ts"
import { nearest, orElse } from "../../text/nearest.ts"
import { position } from "../yaml/Position.ts"
import type { Check } from "./Check.ts"

/** Containers for another system than the VM's. */
export class OperatingSystemInvalid extends Schema.TaggedError<OperatingSystemInvalid>()("OperatingSystemInvalid", {
  ...position,
  found: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `the Pod's os is "${this.found}", and the VM's is Linux`
  }
  get advice(): string {
    return orElse(this.suggestion, 'Remove it, or write "linux", if the images are for Linux.')
  }
}

/** Checks that the containers are for Linux. */
export const checkOperatingSystem = ({ os }: DeclaredSpec, check: Check<OperatingSystemInvalid, never>): void => {
  const place = check.at(os, "name")
  if (place.invalid || os.name === "" || os.name === "linux") return
  check.slip(place, OperatingSystemInvalid, {
    found: check.quote(os, "name"),
    suggestion: nearest(os.name, ["linux"])
  })
}
