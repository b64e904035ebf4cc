import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import { maximumCandidates, nearest, orElse } from "../../text/nearest.ts"
import { position } from "../yaml/Position.ts"
import type { DeclaredMount as CheckedMount, DeclaredVolume } from "../../workload/DeclaredWorkload.ts"
import { cleanSubPath, subPathFault } from "../../workload/subPath.ts"
import type { CheckedSubPathExpr } from "./SubPathExpr.ts"
import { hasPart } from "../../workload/VolumeFile.ts"

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

/** A path that does not begin in the volume, or leaves it. */
export class SubPathInvalid extends Schema.TaggedError<SubPathInvalid>()("SubPathInvalid", {
  ...position,
  volume: Schema.String,
  subPath: Schema.String,
  isAbsolute: Schema.Boolean
}) {
  override get message(): string {
    const why = this.isAbsolute ? "is absolute" : 'has ".." in it'
    return `the subPath "${this.subPath}" of the mount of "${this.volume}" ${why}`
  }
  get advice(): string {
    return this.isAbsolute
      ? 'Write the path inside the volume, without the "/" at its beginning.'
      : "Write the path inside the volume, beginning at its root."
  }
}

/** A part of a volume that cannot be read, under rules that tolerate other wrong values. */
export class SubPathUnreadable extends Schema.TaggedError<SubPathUnreadable>()("SubPathUnreadable", {
  ...position,
  volume: Schema.String,
  key: Schema.Literals(["subPath", "subPathExpr"])
}) {
  override get message(): string {
    return `the ${this.key} of the mount of "${this.volume}" is no text`
  }
  get advice(): string {
    return "Write the path inside the volume, or leave it out to mount the whole volume."
  }
}

/** A part of a volume of files that is none of them. An optional one that is missing cannot be mounted either. */
export class SubPathMissing extends Schema.TaggedError<SubPathMissing>()("SubPathMissing", {
  ...position,
  volume: Schema.String,
  subPath: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `the subPath "${this.subPath}" is none of the files of the volume "${this.volume}"`
  }
  get advice(): string {
    return orElse(this.suggestion, "Write the path of one of its files, or mount the volume as a whole.")
  }
}

export type MountOptionProblem =
  | SubPathInvalid
  | SubPathMissing
  | SubPathUnreadable
  | MountOptionInvalid
  | PropagationNotPrivileged
  | RecursiveReadOnlyConflict

type DeclaredMount = DeclaredContainer["volumeMounts"][number]

const propagations = ["None", "HostToContainer", "Bidirectional"] as const
const readOnlies = ["Disabled", "IfPossible", "Enabled"] as const

/**
 * Checks how a container's mounts are made. Wrong values are slips: konlet did not know these keys. But where a part is
 * meant, the whole volume is nothing to mount in its place.
 */
export const checkMountOptions = (
  { securityContext, volumeMounts }: DeclaredContainer,
  check: Check<MountOptionProblem, never>
): void => {
  for (const mount of volumeMounts) {
    const volume = check.quote(mount, "name")
    for (const key of ["subPath", "subPathExpr"] as const) {
      const place = check.at(mount, key)
      if (place.invalid && check.followsKonlet) check.problem(place, SubPathUnreadable, { volume, key })
    }
    if (isUnusable(mount.subPath)) {
      const isAbsolute = mount.subPath.startsWith("/")
      check.problem(check.at(mount, "subPath"), SubPathInvalid, {
        volume,
        subPath: check.quote(mount, "subPath"),
        isAbsolute
      })
    }
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

/** Checks that what containers mount of volumes of files is there. */
export const checkParts = (
  containers: ReadonlyArray<DeclaredContainer>,
  volumes: ReadonlyArray<DeclaredVolume>,
  check: Check<SubPathMissing, never>
): void => {
  const files = new Map(volumes.flatMap((volume) => (volume._tag === "Files" ? [[volume.name, volume.files]] : [])))
  for (const mount of containers.flatMap(({ volumeMounts }) => volumeMounts)) {
    const own = files.get(mount.name)
    const part = partOf(mount.subPath)
    const place = check.at(mount, "subPath")
    if (own === undefined || part === "" || place.invalid || hasPart(own, part)) continue
    const candidates = own.map(({ path }) => path).slice(0, maximumCandidates)
    check.slip(place, SubPathMissing, {
      volume: check.quote(mount, "name"),
      subPath: check.quote(mount, "subPath"),
      suggestion: nearest(part, candidates)
    })
  }
}

/** The path of a part; empty for the whole volume, and for what cannot be used. */
const partOf = (subPath: string): string => (isUnusable(subPath) ? "" : cleanSubPath(subPath))

/** One that is empty is the whole volume. */
const isUnusable = (subPath: string): boolean => !["empty", undefined].includes(subPathFault(subPath))

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
  { name, mountPath, readOnly, subPath, mountPropagation, recursiveReadOnly }: DeclaredMount,
  { securityContext }: DeclaredContainer,
  expr: CheckedSubPathExpr | undefined
): CheckedMount => {
  const propagation =
    mountPropagation === "HostToContainer" || (mountPropagation === "Bidirectional" && securityContext.privileged)
      ? mountPropagation
      : undefined
  const recursive =
    readOnly && (recursiveReadOnly === "Disabled" || (recursiveReadOnly === "Enabled" && propagation === undefined))
      ? recursiveReadOnly
      : undefined
  const part = partOf(subPath)
  return {
    volume: name,
    path: mountPath,
    readOnly,
    ...(part === "" ? {} : { subPath: part }),
    ...expr,
    ...(propagation === undefined ? {} : { propagation }),
    ...(recursive === undefined ? {} : { recursiveReadOnly: recursive })
  }
}
