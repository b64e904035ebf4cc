import * as Schema from "effect/Schema"
import type { Check } from "./Check.ts"
import type { SizeLimitNotEnforced } from "./EmptyDir.ts"
import type { DeclaredVolume } from "../DeclarationSchema.ts"
import type { ImageRegistryDoubtful } from "./Image.ts"
import type { Place } from "../yaml/Places.ts"
import { placeholderIn, PlaceholderLeft } from "./Placeholder.ts"
import type { DiskReadOnlyIgnored } from "./PersistentDisk.ts"
import { position } from "../yaml/Position.ts"
import { checkVolumeSource, type VolumeSourceProblem } from "./VolumeSource.ts"
import type { EnvironmentScope } from "./ValueFrom.ts"
import type {
  DeclaredContainer as CheckedContainer,
  DeclaredMount,
  DeclaredVolume as CheckedVolume
} from "../../workload/DeclaredWorkload.ts"

/** A volume name that is used already. */
export class VolumeNameDuplicate extends Schema.TaggedError<VolumeNameDuplicate>()("VolumeNameDuplicate", {
  ...position,
  volume: Schema.String,
  /** Of the first volume with it. */
  firstLine: Schema.Int
}) {
  override get message(): string {
    return `the volume name "${this.volume}" is already taken on line ${this.firstLine}`
  }
  get advice(): string {
    return "Give each volume a name of its own."
  }
}

/** Two volumes on one disk, whole or in part: a disk is mounted at one place. */
export class DiskDeclaredTwice extends Schema.TaggedError<DiskDeclaredTwice>()("DiskDeclaredTwice", {
  ...position,
  volume: Schema.String,
  pdName: Schema.String,
  /** Of the first volume on it. */
  firstLine: Schema.Int
}) {
  override get message(): string {
    return `the disk "${this.pdName}" of the volume "${this.volume}" is already used by the volume on line ${this.firstLine}`
  }
  get advice(): string {
    return "Declare one volume and mount it at as many paths as needed."
  }
}

/** A volume that nothing mounts. It is left out, and its disk is not touched. */
export class VolumeUnused extends Schema.TaggedClass<VolumeUnused>()("VolumeUnused", {
  ...position,
  volume: Schema.String
}) {
  get message(): string {
    return `nothing mounts the volume "${this.volume}"; it is left out`
  }
  get advice(): string {
    return 'Mount it in the container\'s "volumeMounts", or remove it.'
  }
}

type VolumesCheck = Check<
  VolumeNameDuplicate | DiskDeclaredTwice | VolumeSourceProblem,
  VolumeUnused | DiskReadOnlyIgnored | ImageRegistryDoubtful | SizeLimitNotEnforced
>

/** Checks all volumes; gives those that something mounts. */
export const checkVolumes = (
  volumes: ReadonlyArray<DeclaredVolume>,
  isMounted: (name: string) => boolean,
  scope: EnvironmentScope,
  check: VolumesCheck
): ReadonlyArray<CheckedVolume> => {
  const names = new Map<string, Place>()
  const disks = new Map<string, Place>()
  return volumes.flatMap((declared, index) => {
    const place = check.at(declared, "name")
    if (check.at(volumes, index).invalid || place.invalid) return []
    checkName(declared, names, check)
    const volume = checkVolumeSource(declared, scope, check)
    if (!isMounted(declared.name)) {
      check.warning(place, VolumeUnused, { volume: check.quote(declared, "name") })
      return []
    }
    checkDisk(declared, disks, check)
    return volume === undefined ? [] : [volume]
  })
}

export type HasMounts = Pick<CheckedContainer, "mounts">

/**
 * As in Kubernetes, no mount of a disk that is read-only writes to it, whatever it says itself; nor one of declared
 * files or of an image.
 */
export const mountsOn = (volumes: ReadonlyArray<CheckedVolume>, { mounts }: HasMounts): HasMounts["mounts"] => {
  const readOnly = new Set(
    volumes.flatMap((volume) =>
      volume._tag === "Files" || (volume._tag === "Disk" && volume.readOnly === true) ? [volume.name] : []
    )
  )
  const images = new Set(volumes.flatMap((volume) => (volume._tag === "Image" ? [volume.name] : [])))
  return mounts.map((mount) =>
    images.has(mount.volume) ? ofImage(mount) : readOnly.has(mount.volume) ? { ...mount, readOnly: true } : mount
  )
}

/** Nothing is ever mounted below an image: how mounts pass, and whether they are read-only, comes to nothing. */
const ofImage = (mount: DeclaredMount): DeclaredMount => {
  const { volume, path } = mount
  const bare = { volume, path, readOnly: true }
  if ("subPathExpr" in mount) return { ...bare, subPathExpr: mount.subPathExpr }
  return mount.subPath === undefined ? bare : { ...bare, subPath: mount.subPath }
}

const checkName = (volume: DeclaredVolume, names: Map<string, Place>, check: VolumesCheck): void => {
  const place = check.at(volume, "name")
  const form = placeholderIn(volume.name)
  if (form !== undefined) check.slip(place, PlaceholderLeft, { path: place.path, form })
  const first = firstOf(names, volume.name, place)
  if (first === undefined) return
  check.problem(place, VolumeNameDuplicate, { volume: check.quote(volume, "name"), firstLine: check.lineOf(first) })
}

/** Two partitions of a disk are the disk twice: its mount point is named after the disk alone. */
const checkDisk = (volume: DeclaredVolume, disks: Map<string, Place>, check: VolumesCheck): void => {
  const disk = volume.gcePersistentDisk
  if (disk === undefined || disk.pdName === "") return
  const device = check.at(disk, "pdName")
  const first = firstOf(disks, disk.pdName, device)
  if (first === undefined) return
  check.problem(device, DiskDeclaredTwice, {
    volume: check.quote(volume, "name"),
    pdName: check.quote(disk, "pdName"),
    firstLine: check.lineOf(first)
  })
}

/** The place where the key was seen before; remembers this place if there is none. */
const firstOf = (seen: Map<string, Place>, key: string, place: Place): Place | undefined => {
  const first = seen.get(key)
  if (first === undefined) seen.set(key, place)
  return first
}
