import { isBelow } from "../vm/storage/MountTable.ts"
import type { DiskVolume, TmpfsVolume, Volume } from "../workload/Workload.ts"

/** Folders below the mount root. The names are konlet's, so that whatever refers to them keeps working. */
const folders = { Disk: "gce-persistent-disks", Tmpfs: "tmpfss" } as const

export const mountPoint = (mountRoot: string, volume: DiskVolume | TmpfsVolume): string =>
  `${mountRoot}/${folders[volume._tag]}/${volume._tag === "Disk" ? volume.deviceName : volume.name}`

/** The kind of volume that has its mount point here; undefined for any other path. */
export const placeOf = (mountRoot: string, path: string): keyof typeof folders | undefined =>
  (["Disk", "Tmpfs"] as const).find((tag) => isBelow(path, `${mountRoot}/${folders[tag]}`))

/** Where a volume is on the host. */
export const hostPath = (mountRoot: string, volume: Volume): string =>
  volume._tag === "HostPath" ? volume.path : mountPoint(mountRoot, volume)
