import type { DeclaredVolume } from "../DeclarationSchema.ts"
import type { Finding } from "../yaml/Finding.ts"
import type { Findings } from "../Findings.ts"
import { nearest } from "../../text/nearest.ts"
import { placeholderInReference } from "./Placeholder.ts"
import { placeholderLeft } from "./PlaceholderProblem.ts"
import type { Places } from "../yaml/Places.ts"
import { tolerable } from "../Findings.ts"
import {
  DiskNameInvalid,
  DiskPartitionInvalid,
  FilesystemUnsupported,
  HostPathNotAbsolute,
  maximumNameLength,
  MediumUnsupported,
  VolumeNameInvalid,
  VolumeSourceInvalid
} from "./VolumeProblem.ts"
import type { DiskVolume, HostPathVolume, TmpfsVolume, Volume } from "../../workload/Workload.ts"

const sources = ["hostPath", "gcePersistentDisk", "emptyDir"] as const

/** The only medium and the only filesystem there are. */
const memory = "Memory"
const ext4 = "ext4"

/** Checks where a volume's data is. Undefined where nothing says so, or too much. */
export const checkVolumeSource = (volume: DeclaredVolume, places: Places, findings: Findings): Volume | undefined => {
  const given = sources.filter((source) => volume[source] !== undefined)
  if (given.length === 1) {
    return (
      hostPath(volume, places, findings) ??
      emptyDir(volume, places, findings) ??
      persistentDisk(volume, places, findings)
    )
  }
  if (given.length === 0 && sources.some((source) => places.of(volume, source).invalid)) return undefined
  const name = places.of(volume, "name")
  findings.problem(name.span, (position, { quote }) => {
    return new VolumeSourceInvalid({ ...position, volume: quote(volume.name, name), sources: given })
  })
  return undefined
}

const hostPath = (volume: DeclaredVolume, places: Places, findings: Findings): HostPathVolume | undefined => {
  if (volume.hostPath === undefined) return undefined
  const { path } = volume.hostPath
  const name = places.of(volume, "name")
  const place = places.of(volume.hostPath, "path")
  const left = place.invalid ? undefined : placeholderLeft(path, place)
  if (left !== undefined && path.startsWith("/")) findings.slip(place.span, tolerable(left))
  else if (!place.invalid && !path.startsWith("/")) {
    const relative: Finding<HostPathNotAbsolute>["make"] = (position, { quote }) =>
      new HostPathNotAbsolute({ ...position, volume: quote(volume.name, name), path: quote(path, place) })
    findings.problem(place.span, left ?? relative)
  }
  return { _tag: "HostPath", name: volume.name, path }
}

const emptyDir = (volume: DeclaredVolume, places: Places, findings: Findings): TmpfsVolume | undefined => {
  if (volume.emptyDir === undefined) return undefined
  const { medium } = volume.emptyDir
  const name = places.of(volume, "name")
  const place = places.of(volume.emptyDir, "medium")
  if (!place.invalid && medium !== memory) {
    findings.problem(place.span, (position, { quote }) => {
      const suggestion = nearest(medium, [memory])
      const found = quote(medium, place)
      return new MediumUnsupported({ ...position, volume: quote(volume.name, name), medium: found, suggestion })
    })
  }
  if (!isPathComponent(volume.name)) {
    findings.problem(name.span, (position, { quote }) => {
      return new VolumeNameInvalid({ ...position, volume: quote(volume.name, name) })
    })
  }
  return { _tag: "Tmpfs", name: volume.name }
}

const persistentDisk = (volume: DeclaredVolume, places: Places, findings: Findings): DiskVolume | undefined => {
  if (volume.gcePersistentDisk === undefined) return undefined
  const { pdName, fsType, partition } = volume.gcePersistentDisk
  const name = places.of(volume, "name")
  const device = places.of(volume.gcePersistentDisk, "pdName")
  const filesystem = places.of(volume.gcePersistentDisk, "fsType")
  const left = device.invalid ? undefined : placeholderLeft(pdName, device, placeholderInReference)
  // A disk that is blank would be formatted for it.
  if (left !== undefined) findings.problem(device.span, left)
  else if (!device.invalid && !isPathComponent(pdName)) {
    findings.problem(device.span, (position, { quote }) => {
      return new DiskNameInvalid({ ...position, volume: quote(volume.name, name), pdName: quote(pdName, device) })
    })
  }
  if (!filesystem.invalid && fsType !== "" && fsType !== ext4) {
    findings.problem(filesystem.span, (position, { quote }) => {
      const suggestion = fsType.toLowerCase() === ext4 ? ext4 : undefined
      const found = quote(fsType, filesystem)
      return new FilesystemUnsupported({ ...position, volume: quote(volume.name, name), fsType: found, suggestion })
    })
  }
  if (partition < 0) {
    findings.problem(places.of(volume.gcePersistentDisk, "partition").span, (position, { quote }) => {
      return new DiskPartitionInvalid({ ...position, volume: quote(volume.name, name), partition })
    })
  }
  return { _tag: "Disk", name: volume.name, deviceName: pdName, partition }
}

/** Whether a directory or a link can have the name. */
const isPathComponent = (name: string): boolean =>
  name !== "" &&
  name !== "." &&
  name !== ".." &&
  !name.includes("/") &&
  new TextEncoder().encode(name).length <= maximumNameLength
