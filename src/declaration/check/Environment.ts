import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import type { Place } from "../yaml/Places.ts"
import { placeholderIn, PlaceholderLeft } from "./Placeholder.ts"
import { position } from "../yaml/Position.ts"

/** A variable whose name is empty, which the engine refuses, or contains "=", at which the engine ends it. */
export class EnvironmentNameInvalid extends Schema.TaggedError<EnvironmentNameInvalid>()("EnvironmentNameInvalid", {
  ...position,
  /** As in `spec.containers[0].env[2]`. The name is not shown: what follows "=" is a value. */
  path: Schema.String,
  found: Schema.Literals(["empty", "equals sign"])
}) {
  override get message(): string {
    return this.found === "empty"
      ? `the variable ${this.path} has no name`
      : `the name of the variable ${this.path} contains "="`
  }
  get advice(): string {
    return 'Write it as two keys: "name: NAME" and "value: …".'
  }
}

/** Two variables of one name. The last one counts. */
export class EnvironmentNameDuplicate extends Schema.TaggedClass<EnvironmentNameDuplicate>()(
  "EnvironmentNameDuplicate",
  {
    ...position,
    /** As in `spec.containers[0].env[2]`; the name is not shown. */
    path: Schema.String,
    /** Of the one before. */
    firstLine: Schema.Int
  }
) {
  get message(): string {
    return `the variable ${this.path} repeats the name on line ${this.firstLine}; this one counts`
  }
  get advice(): string {
    return "Keep one of them."
  }
}

/** Checks the names of a container's variables. They are never shown: one may hold its value. */
export const checkEnvironment = (
  { env }: DeclaredContainer,
  check: Check<EnvironmentNameInvalid | PlaceholderLeft, EnvironmentNameDuplicate>
): void => {
  const seen = new Map<string, Place>()
  for (const [index, variable] of env.entries()) {
    const { name } = variable
    const place = check.at(variable, "name")
    if (place.invalid) continue
    const { path } = check.at(env, index)
    const found = name === "" ? "empty" : name.includes("=") ? "equals sign" : undefined
    const form = placeholderIn(name)
    const first = seen.get(name)
    if (found !== undefined) check.problem(place, EnvironmentNameInvalid, { path, found })
    else if (form !== undefined) check.slip(place, PlaceholderLeft, { path: place.path, form })
    if (first !== undefined && found === undefined) {
      check.warning(place, EnvironmentNameDuplicate, { path, firstLine: check.lineOf(first) })
    }
    seen.set(name, place)
  }
}
