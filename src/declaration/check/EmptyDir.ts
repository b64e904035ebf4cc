import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredVolume } from "../DeclarationSchema.ts"
import { isPathComponent, maximumComponentLength } from "./pathComponent.ts"
import { nearest, orElse } from "../../text/nearest.ts"
import { parseQuantity, suggestQuantity, valueOf } from "../../workload/Quantity.ts"
import { position } from "../yaml/Position.ts"
import type { EmptyDirVolume, TmpfsVolume } from "../../workload/Workload.ts"

/** An `emptyDir` that is neither in memory nor on the disk. */
export class MediumUnsupported extends Schema.TaggedError<MediumUnsupported>()("MediumUnsupported", {
  ...position,
  volume: Schema.String,
  medium: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `the emptyDir of the volume "${this.volume}" has an unsupported medium: "${this.medium}"`
  }
  get advice(): string {
    return orElse(
      this.suggestion,
      'Write "medium: Memory" for a tmpfs, or leave it out for a directory on the VM\'s disk.'
    )
  }
}

/** A limit that is no amount of bytes. */
export class SizeLimitInvalid extends Schema.TaggedError<SizeLimitInvalid>()("SizeLimitInvalid", {
  ...position,
  volume: Schema.String,
  sizeLimit: Schema.String,
  suggestion: Schema.UndefinedOr(Schema.String)
}) {
  override get message(): string {
    return `the sizeLimit of the volume "${this.volume}" is not an amount of bytes: "${this.sizeLimit}"`
  }
  get advice(): string {
    return orElse(this.suggestion, 'Write a quantity as Kubernetes does, such as "64Mi" or "1.5Gi".')
  }
}

/** A limit for a directory on the disk, which the engine cannot set. */
export class SizeLimitNotEnforced extends Schema.TaggedClass<SizeLimitNotEnforced>()("SizeLimitNotEnforced", {
  ...position,
  volume: Schema.String
}) {
  get message(): string {
    return `the sizeLimit of the volume "${this.volume}" is not enforced: it is on the VM's disk, which it can fill`
  }
  get advice(): string {
    return 'Remove it, write "medium: Memory", or use a gcePersistentDisk of that size.'
  }
}

/** The name of such a volume becomes a directory's name, and this one cannot. */
export class VolumeNameInvalid extends Schema.TaggedError<VolumeNameInvalid>()("VolumeNameInvalid", {
  ...position,
  volume: Schema.String,
  /** The key of its source. */
  type: Schema.String
}) {
  override get message(): string {
    const kind = `${/^[aeiou]/.test(this.type) ? "an" : "a"} ${this.type} volume`
    return this.volume === ""
      ? `${kind} needs a name`
      : `${kind} cannot be named "${this.volume}": it becomes a directory's name`
  }
  get advice(): string {
    return `Use a name of at most ${maximumComponentLength} letters, digits and dashes.`
  }
}

/** The one medium that is not the disk. Huge pages have to be reserved for the whole VM, which no declaration does. */
const memory = "Memory"

export type EmptyDirProblem = MediumUnsupported | SizeLimitInvalid | VolumeNameInvalid

/** Checks a volume that is empty at first. */
export const checkEmptyDir = (
  volume: DeclaredVolume,
  emptyDir: NonNullable<DeclaredVolume["emptyDir"]>,
  check: Check<EmptyDirProblem, SizeLimitNotEnforced>
): TmpfsVolume | EmptyDirVolume => {
  const { medium } = emptyDir
  const place = check.at(emptyDir, "medium")
  if (!place.invalid && medium !== memory && medium !== "") {
    check.problem(place, MediumUnsupported, {
      volume: check.quote(volume, "name"),
      medium: check.quote(emptyDir, "medium"),
      suggestion: nearest(medium, [memory])
    })
  }
  checkVolumeName(volume, "emptyDir", check)
  const sizeBytes = checkSizeLimit(volume, emptyDir, check)
  if (medium !== memory) {
    if (sizeBytes !== undefined) {
      check.warning(check.at(emptyDir, "sizeLimit"), SizeLimitNotEnforced, { volume: check.quote(volume, "name") })
    }
    return { _tag: "EmptyDir", name: volume.name }
  }
  return { _tag: "Tmpfs", name: volume.name, ...(sizeBytes === undefined ? {} : { sizeBytes }) }
}

/** Checks that a directory can be named after a volume. */
export const checkVolumeName = (volume: DeclaredVolume, type: string, check: Check<VolumeNameInvalid, never>): void => {
  if (isPathComponent(volume.name)) return
  check.problem(check.at(volume, "name"), VolumeNameInvalid, { volume: check.quote(volume, "name"), type })
}

/** Undefined where there is no limit: nothing as a limit is none. */
const checkSizeLimit = (
  volume: DeclaredVolume,
  emptyDir: NonNullable<DeclaredVolume["emptyDir"]>,
  check: Check<SizeLimitInvalid, never>
): number | undefined => {
  const { sizeLimit } = emptyDir
  const place = check.at(emptyDir, "sizeLimit")
  if (sizeLimit === undefined || place.invalid) return undefined
  const quantity = parseQuantity(sizeLimit)
  if (quantity === undefined || quantity.nanos < 0n) {
    check.slip(place, SizeLimitInvalid, {
      volume: check.quote(volume, "name"),
      sizeLimit: check.quote(emptyDir, "sizeLimit"),
      suggestion: suggestQuantity(sizeLimit)
    })
    return undefined
  }
  const bytes = Number(valueOf(quantity))
  // What is beyond is no limit either.
  return bytes > 0 && bytes <= Number.MAX_SAFE_INTEGER ? bytes : undefined
}
