import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { nearest, orElse } from "../../text/nearest.ts"
import { position } from "../yaml/Position.ts"
import type { VolumeMount } from "../../workload/Workload.ts"

/** A value that Kubernetes does not know for an option of a mount. */
export class MountOptionInvalid extends Schema.TaggedError<MountOptionInvalid>()("MountOptionInvalid", {
  ...position,
  volume: Schema.String,
  option: Schema.Literals(["mountPropagation", "recursiveReadOnly"]),
  value: Schema.String,
  known: Schema.Array(Schema.String),
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `the mount of "${this.volume}" has an unknown ${this.option}: "${this.value}"`
  }
  get advice(): string {
    return orElse(this.suggestion, `Write one of ${this.known.join(", ")}, or leave it out.`)
  }
}

/** A container that is not privileged would mount things on the host. */
export class PropagationNotPrivileged extends Schema.TaggedError<PropagationNotPrivileged>()(
  "PropagationNotPrivileged",
  { ...position, volume: Schema.String }
) {
  override get message(): string {
    return `the mount of "${this.volume}" has mountPropagation: Bidirectional, which only a privileged container may have`
  }
  get advice(): string {
    return 'Write "HostToContainer", or "privileged: true" in the container\'s securityContext.'
  }
}

/** A mount that is to be read-only with all below it, and cannot be. */
export class RecursiveReadOnlyConflict extends Schema.TaggedError<RecursiveReadOnlyConflict>()(
  "RecursiveReadOnlyConflict",
  { ...position, volume: Schema.String, value: Schema.String, propagates: Schema.Boolean }
) {
  override get message(): string {
    const why = this.propagates ? "has a mountPropagation as well" : "is not read-only"
    return `the mount of "${this.volume}" has recursiveReadOnly: ${this.value}, but ${why}`
  }
  get advice(): string {
    return this.propagates
      ? "Remove one of the two: what would be mounted below it later would not be read-only."
      : 'Write "readOnly: true" as well, or remove it.'
  }
}

export type MountOptionProblem = MountOptionInvalid | PropagationNotPrivileged | RecursiveReadOnlyConflict

type DeclaredMount = DeclaredContainer["volumeMounts"][number]

const propagations = ["None", "HostToContainer", "Bidirectional"] as const
const readOnlies = ["Disabled", "IfPossible", "Enabled"] as const

/** Checks how a container's mounts are made. Wrong values are slips: konlet did not know these keys. */
export const checkMountOptions = (
  { securityContext, volumeMounts }: DeclaredContainer,
  check: Check<MountOptionProblem, never>
): void => {
  for (const mount of volumeMounts) {
    const volume = check.quote(mount, "name")
    const propagation = checkValue(mount, "mountPropagation", propagations, check) ?? "None"
    if (propagation === "Bidirectional" && !securityContext.privileged) {
      check.slip(check.at(mount, "mountPropagation"), PropagationNotPrivileged, { volume })
    }
    const value = checkValue(mount, "recursiveReadOnly", readOnlies, check) ?? "Disabled"
    const propagates = propagation !== "None"
    if (value === "Disabled" || (mount.readOnly && !propagates)) continue
    const place = check.at(mount, "recursiveReadOnly")
    check.slip(place, RecursiveReadOnlyConflict, { volume, value, propagates: mount.readOnly && propagates })
  }
}

const checkValue = <const A extends string>(
  mount: DeclaredMount,
  option: MountOptionInvalid["option"],
  known: ReadonlyArray<A>,
  check: Check<MountOptionInvalid, never>
): A | undefined => {
  const found = known.find((value) => value === mount[option])
  const place = check.at(mount, option)
  if (found === undefined && mount[option] !== "" && !place.invalid) {
    check.slip(place, MountOptionInvalid, {
      volume: check.quote(mount, "name"),
      option,
      value: check.quote(mount, option),
      known,
      suggestion: nearest(mount[option], known)
    })
  }
  return found
}

/**
 * A mount as it was checked. Where slips are tolerated, what is wrong is left out. `IfPossible` is what engines do that
 * can, without being told.
 */
export const mountOf = (
  { name, mountPath, readOnly, mountPropagation, recursiveReadOnly }: DeclaredMount,
  { securityContext }: DeclaredContainer
): VolumeMount => {
  const propagation =
    mountPropagation === "HostToContainer" || (mountPropagation === "Bidirectional" && securityContext.privileged)
      ? mountPropagation
      : undefined
  const recursive =
    readOnly && (recursiveReadOnly === "Disabled" || (recursiveReadOnly === "Enabled" && propagation === undefined))
      ? recursiveReadOnly
      : undefined
  return {
    volume: name,
    path: mountPath,
    readOnly,
    ...(propagation === undefined ? {} : { propagation }),
    ...(recursive === undefined ? {} : { recursiveReadOnly: recursive })
  }
}
