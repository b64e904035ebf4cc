import { isBelow, type Mount } from "../vm/storage/MountTable.ts"
import { mountedFiles } from "./VolumeFiles.ts"
import type { DiskVolume, EmptyDirVolume, TmpfsVolume, Volume } from "../workload/Workload.ts"

/** Folders below the mount root. The names of the first two are konlet's: whatever refers to them keeps working. */
const folders = { Disk: "gce-persistent-disks", Tmpfs: "tmpfss", EmptyDir: "empty-dirs" } as const

export const mountPoint = (mountRoot: string, volume: DiskVolume | EmptyDirVolume | TmpfsVolume): string =>
  `${mountRoot}/${folders[volume._tag]}/${volume._tag === "Disk" ? volume.deviceName : volume.name}`

/** The kind of volume that has its mount point here; undefined for any other path. */
export const placeOf = (mountRoot: string, path: string): keyof typeof folders | undefined =>
  (["Disk", "Tmpfs", "EmptyDir"] as const).find((tag) => isBelow(path, `${mountRoot}/${folders[tag]}`))

/** Whether what is mounted at a path is a bind of ours. */
export const isBindPoint = (mountRoot: string, path: string): boolean => placeOf(mountRoot, path) === "EmptyDir"

/** Where a volume is on the host. */
export const hostPath = (mountRoot: string, volume: Volume): string =>
  volume._tag === "HostPath"
    ? volume.path
    : volume._tag === "Files"
      ? mountedFiles(mountRoot, volume.name)
      : mountPoint(mountRoot, volume)

/**
 * What the mount root is: as a tmpfs it is empty after a reboot, so that the engine, which starts containers again when it
 * comes up, starts none on a directory in the place of what is not mounted yet.
 */
export const mountOfRoot = (mountRoot: string): Mount => ({
  source: "tmpfs",
  target: mountRoot,
  type: "tmpfs",
  options: ["rw", "mode=0755"]
})
