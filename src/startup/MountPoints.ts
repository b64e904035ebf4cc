import type { DiskVolume, TmpfsVolume, Volume } from "../declaration/Workload.ts"

/** The folder names are konlet's: what refers to them keeps working. */
export const mountPoint = (mountRoot: string, volume: DiskVolume | TmpfsVolume): string =>
  volume._tag === "Disk"
    ? `${mountRoot}/gce-persistent-disks/${volume.deviceName}`
    : `${mountRoot}/tmpfss/${volume.name}`

/** Where a volume is on the host. */
export const hostPath = (mountRoot: string, volume: Volume): string =>
  volume._tag === "HostPath" ? volume.path : mountPoint(mountRoot, volume)
