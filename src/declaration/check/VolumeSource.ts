import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { DeclaredVolume } from "../DeclarationSchema.ts"
import { checkEmptyDir, checkVolumeName, type EmptyDirProblem, type SizeLimitNotEnforced } from "./EmptyDir.ts"
import { checkFiles, type FilesVolumeProblem } from "./Files.ts"
import { checkHostPath, type HostPathNotAbsolute, type HostPathTypeInvalid } from "./HostPath.ts"
import {
  checkPersistentDisk,
  type DiskNameInvalid,
  type DiskPartitionInvalid,
  type DiskReadOnlyIgnored,
  type FilesystemUnsupported
} from "./PersistentDisk.ts"
import type { ImageRegistryDoubtful } from "./Image.ts"
import { checkImageVolume, type ImageVolumeProblem } from "./ImageVolume.ts"
import type { PlaceholderLeft } from "./Placeholder.ts"
import { position } from "../yaml/Position.ts"
import type { DeclaredVolume as CheckedVolume } from "../../workload/DeclaredWorkload.ts"
import type { EnvironmentScope } from "./ValueFrom.ts"

/** A volume with no source, or with several. */
export class VolumeSourceInvalid extends Schema.TaggedError<VolumeSourceInvalid>()("VolumeSourceInvalid", {
  ...position,
  volume: Schema.String,
  /** The keys of the sources that it has. */
  sources: Schema.Array(Schema.String)
}) {
  override get message(): string {
    return this.sources.length === 0
      ? `the volume "${this.volume}" has no source`
      : `the volume "${this.volume}" has ${this.sources.length} sources: ${this.sources.join(", ")}`
  }
  get advice(): string {
    return `Give it exactly one of ${sources.slice(0, -1).join(", ")} and ${sources.at(-1)}.`
  }
}

const sources = [
  "hostPath",
  "gcePersistentDisk",
  "emptyDir",
  "configMap",
  "secret",
  "downwardAPI",
  "projected",
  "image"
] as const

export type VolumeSourceProblem =
  | VolumeSourceInvalid
  | HostPathNotAbsolute
  | HostPathTypeInvalid
  | EmptyDirProblem
  | FilesVolumeProblem
  | DiskNameInvalid
  | FilesystemUnsupported
  | DiskPartitionInvalid
  | ImageVolumeProblem
  | PlaceholderLeft

/** Checks a volume's source. Undefined unless there is exactly one. */
export const checkVolumeSource = (
  volume: DeclaredVolume,
  scope: EnvironmentScope,
  check: Check<VolumeSourceProblem, DiskReadOnlyIgnored | ImageRegistryDoubtful | SizeLimitNotEnforced>
): CheckedVolume | undefined => {
  const given = sources.filter((source) => volume[source] !== undefined)
  const { hostPath, emptyDir, gcePersistentDisk, image } = volume
  if (given.length === 1) {
    if (hostPath !== undefined) return checkHostPath(volume, hostPath, check)
    if (emptyDir !== undefined) return checkEmptyDir(volume, emptyDir, check)
    if (gcePersistentDisk !== undefined) return checkPersistentDisk(volume, gcePersistentDisk, check)
    if (image !== undefined) return checkImageVolume(volume, image, check)
    checkVolumeName(volume, given.join(), check)
    return checkFiles(volume, scope, check)
  }
  if (given.length === 0 && sources.some((source) => check.at(volume, source).invalid)) return undefined
  const name = check.at(volume, "name")
  check.problem(name, VolumeSourceInvalid, { volume: check.quote(volume, "name"), sources: given })
  return undefined
}
