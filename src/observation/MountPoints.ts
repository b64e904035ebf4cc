import { shortHash } from "../vm/host/folderName.ts"
import { isBelow, type Mount } from "../vm/storage/MountTable.ts"
import { mountedFiles } from "./VolumeFiles.ts"
import type { DiskVolume, EmptyDirVolume, HostVolume, TmpfsVolume, Volume, VolumeMount } from "../workload/Workload.ts"

/** Folders below the mount root. The names of the first two are konlet's: whatever refers to them keeps working. */
const folders = {
  Disk: "gce-persistent-disks",
  Tmpfs: "tmpfss",
  EmptyDir: "empty-dirs",
  SubPath: "subpaths",
  Image: "image-volumes"
} as const

/**
 * A tmpfs that is mounted before a container starts which has images mounted, and is bound into it. After a boot it is
 * missing, so that the engine does not start the container. Without it the engine would, and with nothing where the image
 * was: it mounts an image when a container is created, and not again (28.5; https://github.com/moby/moby/issues/50999).
 */
export const imageMark = (mountRoot: string): string => `${mountRoot}/${folders.Image}/mounted`

/** Nothing is ever in it. */
export const imageMarkBytes = 65536

export const mountPoint = (mountRoot: string, volume: DiskVolume | EmptyDirVolume | TmpfsVolume): string =>
  `${mountRoot}/${folders[volume._tag]}/${volume._tag === "Disk" ? volume.deviceName : volume.name}`

/** The kind of volume that has its mount point here, or a part of one; undefined for any other path. */
export const placeOf = (mountRoot: string, path: string): keyof typeof folders | undefined =>
  (["Disk", "Tmpfs", "EmptyDir", "SubPath", "Image"] as const).find((tag) =>
    isBelow(path, `${mountRoot}/${folders[tag]}`)
  )

/** Whether what is mounted at a path is a bind of ours. */
export const isBindPoint = (mountRoot: string, path: string): boolean => {
  const place = placeOf(mountRoot, path)
  return place === "EmptyDir" || place === "SubPath"
}

/** Where a volume is on the host. */
export const hostPath = (mountRoot: string, volume: HostVolume): string =>
  volume._tag === "HostPath"
    ? volume.path
    : volume._tag === "Files"
      ? mountedFiles(mountRoot, volume.name)
      : mountPoint(mountRoot, volume)

/**
 * What the mount root is: as a tmpfs it is empty after a reboot, so that the engine, which starts containers again when it
 * comes up, starts none on a directory in the place of what is not mounted yet.
 */
export const mountOfRoot = (mountRoot: string): Mount => tmpfsAt(mountRoot, ["mode=0755"])

export const tmpfsAt = (target: string, options: ReadonlyArray<string> = []): Mount => ({
  source: "tmpfs",
  target,
  type: "tmpfs",
  options: ["rw", ...options]
})

export const bindAt = (source: string, target: string): Mount => ({ source, target, type: "none", options: ["bind"] })

/**
 * Where what a container mounts of a volume is on the host. Files that only we write need no bind: no link is among
 * them.
 */
export const mountSource = (
  mountRoot: string,
  volume: HostVolume,
  { subPath }: Pick<VolumeMount, "subPath">
): string => {
  if (subPath === undefined) return hostPath(mountRoot, volume)
  return volume._tag === "Files"
    ? `${hostPath(mountRoot, volume)}/${subPath}`
    : subPathPoint(mountRoot, volume, subPath).target
}

/** A part of a volume, which is bound where nothing that is in the volume can lead elsewhere. */
export interface SubPathPoint {
  readonly volume: HostVolume
  readonly subPath: string
  /** Where it is bound: the same for all containers that mount it. */
  readonly target: string
}

const subPathPoint = (mountRoot: string, volume: HostVolume, subPath: string): SubPathPoint => {
  const name = shortHash(`${hostPath(mountRoot, volume)}\n${subPath}`)
  return { volume, subPath, target: `${mountRoot}/${folders.SubPath}/${name}` }
}

/** The parts of volumes that are bound, each once. The engine itself mounts those of an image. */
export const subPathsOf = (
  mountRoot: string,
  volumes: ReadonlyArray<Volume>,
  mounts: ReadonlyArray<VolumeMount>
): ReadonlyArray<SubPathPoint> => {
  const byName = new Map(volumes.map((volume) => [volume.name, volume]))
  const points = mounts.flatMap(({ volume: name, subPath }) => {
    const volume = byName.get(name)
    return volume === undefined || subPath === undefined || volume._tag === "Files" || volume._tag === "Image"
      ? []
      : [subPathPoint(mountRoot, volume, subPath)]
  })
  return [...new Map(points.map((point) => [point.target, point])).values()]
}
