import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredSpec } from "../DeclarationSchema.ts"
import type { IgnoredKey } from "../keys/KeyRules.ts"
import { position } from "../yaml/Position.ts"

/** Not exactly one container is declared. */
export class ContainerCountInvalid extends Schema.TaggedError<ContainerCountInvalid>()("ContainerCountInvalid", {
  ...position,
  count: Schema.Int,
  /** `containers` was written, but not below `spec`. */
  outsideSpec: Schema.Boolean
}) {
  override get message(): string {
    return `exactly one container must be declared, ${this.count} are`
  }
  get advice(): string {
    if (this.outsideSpec) return 'Did you mean to put "containers" below "spec:"?'
    return this.count === 0
      ? 'Declare it below "spec:", "containers:", as an item with at least an "image".'
      : "Keep one; a VM runs one container. Run the others on VMs of their own."
  }
}

/** Checks that there is one container. Where there is none, it may stand in the wrong place. */
export const checkCount = (
  spec: DeclaredSpec,
  ignoredKeys: ReadonlyArray<IgnoredKey>,
  check: Check<ContainerCountInvalid, never>
): void => {
  const { containers } = spec
  const place = check.at(spec, "containers")
  if (containers.length === 1 || place.invalid) return
  const outside = containers.length === 0 ? ignoredKeys.find(({ key }) => key === "containers") : undefined
  // A "spec" inside "spec" is the same mistake.
  for (const ignored of ignoredKeys) if (ignored.key === "containers" || ignored.key === "spec") check.explain(ignored)
  const at = containers.length > 1 ? check.at(containers, 1) : (outside ?? place)
  check.problem(at, ContainerCountInvalid, { count: containers.length, outsideSpec: outside !== undefined })
}
