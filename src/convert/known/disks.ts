import { defaultFilesystem } from "../../workload/Filesystem.ts"
import type { DiskVolume } from "../../workload/Workload.ts"
import type { Losses } from "../Losses.ts"

/** Where Google's images have a disk, or a partition of it. */
export const diskDevice = ({ deviceName, partition }: Pick<DiskVolume, "deviceName" | "partition">): string =>
  `/dev/disk/by-id/google-${deviceName}${partition > 0 ? `-part${partition}` : ""}`

/** How an engine's local volume driver mounts a disk. */
export const diskMount = (volume: DiskVolume) => ({
  type: volume.filesystem ?? defaultFilesystem,
  device: diskDevice(volume),
  options: volume.readOnly ? "ro" : "rw"
})

/** What `up` does for a disk beyond mounting it. */
export const addDiskLosses = (volume: DiskVolume, path: string, program: string, losses: Losses): void => {
  const { type, device } = diskMount(volume)
  losses.add(
    `${path}.gcePersistentDisk`,
    `${program} mounts the disk as ${type}, and neither formats, checks nor grows it. A blank one needs its filesystem before: mkfs.${type} ${device}`
  )
}
