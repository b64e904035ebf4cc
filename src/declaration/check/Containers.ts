import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer, DeclaredSpec } from "../DeclarationSchema.ts"
import type { IgnoredKey } from "../keys/KeyRules.ts"
import { isDnsLabel, maximumLabelLength } from "../../workload/dnsName.ts"
import type { Place } from "../yaml/Places.ts"
import { containerName } from "../schema/limits.ts"
import { placeholderInReference, PlaceholderLeft } from "./Placeholder.ts"
import { position } from "../yaml/Position.ts"

/** No container is declared. */
export class ContainerCountInvalid extends Schema.TaggedError<ContainerCountInvalid>()("ContainerCountInvalid", {
  ...position,
  /** 0. */
  count: Schema.Int,
  /** `containers` was written, but not below `spec`. */
  outsideSpec: Schema.Boolean
}) {
  override get message(): string {
    return `at least one container must be declared, ${this.count} are`
  }
  get advice(): string {
    if (this.outsideSpec) return 'Did you mean to put "containers" below "spec:"?'
    return 'Declare it below "spec:", "containers:", as an item with at least an "image".'
  }
}

/** One of several containers has no name: nothing else tells them apart from run to run. */
export class ContainerNameMissing extends Schema.TaggedError<ContainerNameMissing>()("ContainerNameMissing", {
  ...position,
  /** As in `spec.containers[0]`. */
  path: Schema.String
}) {
  override get message(): string {
    return `${this.path} has no name, which each of several containers needs`
  }
  get advice(): string {
    return 'Write "name:" with a name of its own.'
  }
}

/** Two containers of one name, init containers included. */
export class ContainerNameDuplicate extends Schema.TaggedError<ContainerNameDuplicate>()("ContainerNameDuplicate", {
  ...position,
  name: Schema.String,
  /** Of the first container with it. */
  firstLine: Schema.Int
}) {
  override get message(): string {
    return `the container name "${this.name}" is already taken on line ${this.firstLine}`
  }
  get advice(): string {
    return "Give each container a name of its own, init containers included."
  }
}

/** A container name that the engine would refuse, or one of several that Kubernetes would. */
export class ContainerNameInvalid extends Schema.TaggedError<ContainerNameInvalid>()("ContainerNameInvalid", {
  ...position,
  name: Schema.String,
  /**
   * One of several, whose names are as in Kubernetes. The name of a container alone may be anything that the engine
   * takes.
   */
  isOneOfSeveral: Schema.optionalKey(Schema.Boolean)
}) {
  override get message(): string {
    return `"${this.name}" cannot be a container's name`
  }
  get advice(): string {
    return this.isOneOfSeveral === true
      ? `Use at most ${maximumLabelLength} lower-case letters, digits and dashes, and begin and end with a letter or a digit.`
      : "Use letters, digits, '_', '.' and '-' only."
  }
}

/** Checks that there is a container. Where there is none, `containers` may stand in the wrong place. */
export const checkCount = (
  spec: DeclaredSpec,
  ignoredKeys: ReadonlyArray<IgnoredKey>,
  check: Check<ContainerCountInvalid, never>
): void => {
  const place = check.at(spec, "containers")
  if (spec.containers.length > 0 || place.invalid) return
  const outside = ignoredKeys.find(({ key }) => key === "containers")
  // A "spec" inside "spec" is the same mistake.
  for (const ignored of ignoredKeys) if (ignored.key === "containers" || ignored.key === "spec") check.explain(ignored)
  check.problem(outside ?? place, ContainerCountInvalid, { count: 0, outsideSpec: outside !== undefined })
}

const engineName = new RegExp(containerName.pattern)

/** Checks the names of all containers, init containers included. A single container may go without. */
export const checkNames = (
  { containers, initContainers }: DeclaredSpec,
  check: Check<ContainerNameMissing | ContainerNameDuplicate | ContainerNameInvalid | PlaceholderLeft, never>
): void => {
  const isOneOfSeveral = containers.length + initContainers.length > 1
  const isValid = isOneOfSeveral ? isDnsLabel : (name: string) => engineName.test(name)
  const names = new Map<string, Place>()
  const checkName = (container: DeclaredContainer, at: Place): void => {
    const place = check.at(container, "name")
    if (at.invalid || place.invalid) return
    const name = check.quote(container, "name")
    const first = names.get(container.name)
    const form = placeholderInReference(container.name)
    if (container.name === "" && isOneOfSeveral) check.problem(place, ContainerNameMissing, { path: at.path })
    else if (!isValid(container.name) && form !== undefined) {
      check.problem(place, PlaceholderLeft, { path: place.path, form })
    } else if (!isValid(container.name)) {
      check.problem(place, ContainerNameInvalid, { name, isOneOfSeveral })
    } else if (first !== undefined) {
      check.problem(place, ContainerNameDuplicate, { name, firstLine: check.lineOf(first) })
    } else names.set(container.name, place)
  }
  for (const [index, container] of containers.entries()) checkName(container, check.at(containers, index))
  for (const [index, container] of initContainers.entries()) checkName(container, check.at(initContainers, index))
}
