import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredVolume } from "../DeclarationSchema.ts"
import { isPathComponent, maximumComponentLength } from "./pathComponent.ts"
import { nearest, orElse } from "../../text/nearest.ts"
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

/** The name of such a volume becomes a directory's name, and this one cannot. */
export class VolumeNameInvalid extends Schema.TaggedError<VolumeNameInvalid>()("VolumeNameInvalid", {
  ...position,
  volume: Schema.String
}) {
  override get message(): string {
    return this.volume === ""
      ? "an emptyDir volume needs a name"
      : `an emptyDir volume cannot be named "${this.volume}": it becomes a directory's name`
  }
  get advice(): string {
    return `Use a name of at most ${maximumComponentLength} letters, digits and dashes.`
  }
}

/** The one medium that is not the disk. Huge pages have to be reserved for the whole VM, which no declaration does. */
const memory = "Memory"

/** Checks a volume that is empty at first. */
export const checkEmptyDir = (
  volume: DeclaredVolume,
  emptyDir: NonNullable<DeclaredVolume["emptyDir"]>,
  check: Check<MediumUnsupported | VolumeNameInvalid, never>
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
  if (!isPathComponent(volume.name)) {
    check.problem(check.at(volume, "name"), VolumeNameInvalid, { volume: check.quote(volume, "name") })
  }
  return { _tag: medium === memory ? "Tmpfs" : "EmptyDir", name: volume.name }
}
