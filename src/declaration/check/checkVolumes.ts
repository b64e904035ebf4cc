import { checkVolumeSource } from "./checkVolumeSource.ts"
import type { DeclaredVolume } from "../DeclarationSchema.ts"
import { VolumeUnused } from "../DeclarationWarning.ts"
import type { Findings } from "../Findings.ts"
import { placeholderLeft } from "./PlaceholderProblem.ts"
import type { Place, Places } from "../yaml/Places.ts"
import { tolerable } from "../Findings.ts"
import { DiskDeclaredTwice, VolumeNameDuplicate } from "./VolumeProblem.ts"
import type { Volume } from "../../workload/Workload.ts"

/** Checks every volume, and gives those that something mounts. */
export const checkVolumes = (
  volumes: ReadonlyArray<DeclaredVolume>,
  isMounted: (name: string) => boolean,
  places: Places,
  findings: Findings
): ReadonlyArray<Volume> => {
  const names = new Map<string, Place>()
  const disks = new Map<string, Place>()
  return volumes.flatMap((declared, index) => {
    const place = places.of(declared, "name")
    if (places.of(volumes, index).invalid || place.invalid) return []
    checkName(declared, places, names, findings)
    const volume = checkVolumeSource(declared, places, findings)
    if (!isMounted(declared.name)) {
      findings.warning(place.span, (position, { quote }) => {
        return new VolumeUnused({ ...position, volume: quote(declared.name, place) })
      })
      return []
    }
    checkDisk(declared, places, disks, findings)
    return volume === undefined ? [] : [volume]
  })
}

const checkName = (volume: DeclaredVolume, places: Places, names: Map<string, Place>, findings: Findings): void => {
  const place = places.of(volume, "name")
  const left = placeholderLeft(volume.name, place)
  if (left !== undefined) findings.slip(place.span, tolerable(left))
  const first = firstOf(names, volume.name, place)
  if (first === undefined) return
  findings.problem(place.span, (position, { quote, lineOf }) => {
    const firstLine = lineOf(first.span)
    return new VolumeNameDuplicate({ ...position, volume: quote(volume.name, place), firstLine })
  })
}

/** Two partitions of a disk are the disk twice: it is mounted at a place that only the disk's name decides. */
const checkDisk = (volume: DeclaredVolume, places: Places, disks: Map<string, Place>, findings: Findings): void => {
  const disk = volume.gcePersistentDisk
  if (disk === undefined || disk.pdName === "") return
  const name = places.of(volume, "name")
  const device = places.of(disk, "pdName")
  const first = firstOf(disks, disk.pdName, device)
  if (first === undefined) return
  findings.problem(device.span, (position, { quote, lineOf }) => {
    const pdName = quote(disk.pdName, device)
    const firstLine = lineOf(first.span)
    return new DiskDeclaredTwice({ ...position, volume: quote(volume.name, name), pdName, firstLine })
  })
}

/** The place where the key was seen before; remembers the place if there is none. */
const firstOf = (seen: Map<string, Place>, key: string, place: Place): Place | undefined => {
  const first = seen.get(key)
  if (first === undefined) seen.set(key, place)
  return first
}
