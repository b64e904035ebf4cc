import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { placeholderIn, PlaceholderLeft } from "./Placeholder.ts"
import { position } from "../yaml/Position.ts"

/** A working directory that does not begin at the container's root. The engine refuses it. */
export class WorkingDirectoryNotAbsolute extends Schema.TaggedError<WorkingDirectoryNotAbsolute>()(
  "WorkingDirectoryNotAbsolute",
  {
    ...position,
    found: Schema.String
  }
) {
  override get message(): string {
    return `the workingDir "${this.found}" is not absolute`
  }
  get advice(): string {
    return 'Write the path inside the container, beginning with "/".'
  }
}

/** Where a container's command starts; undefined leaves it to the image. */
export const checkWorkingDirectory = (
  container: DeclaredContainer,
  check: Check<WorkingDirectoryNotAbsolute | PlaceholderLeft, never>
): string | undefined => {
  const { workingDir } = container
  const place = check.at(container, "workingDir")
  if (place.invalid || workingDir === "") return undefined
  const form = placeholderIn(workingDir)
  if (form !== undefined) check.slip(place, PlaceholderLeft, { path: place.path, form })
  if (workingDir.startsWith("/")) return workingDir
  if (form === undefined) {
    check.slip(place, WorkingDirectoryNotAbsolute, { found: check.quote(container, "workingDir") })
  }
  return undefined
}
