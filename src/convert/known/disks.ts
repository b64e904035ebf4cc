import { devicePath } from "../../workload/devicePath.ts"
import { defaultFilesystem } from "../../workload/Filesystem.ts"
import type { DiskVolume } from "../../workload/Workload.ts"
import type { Losses } from "../Losses.ts"

/** How an engine's local volume driver mounts a disk. */
export const diskMount = (volume: DiskVolume) => ({
  type: volume.filesystem ?? defaultFilesystem,
  device: devicePath(volume.deviceName, volume.partition),
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
