import {
  bindAt,
  imageMark,
  imageMarkBytes,
  mountOfRoot,
  mountPoint,
  placeOf,
  tmpfsAt
} from "../observation/MountPoints.ts"
import type { EmptyDirObservation } from "../observation/observeVolumes.ts"
import { isShownAt, type MountView } from "../observation/MountView.ts"
import type { Mount } from "../vm/storage/MountTable.ts"
import type { EmptyDirVolume, Volume, Workload } from "../workload/Workload.ts"
import { sizeText } from "./diskGrowth.ts"
import { isInPlace } from "./difference.ts"
import type { DiskNeeds } from "./diskNeeds.ts"
import { planSubPaths, stayingSubPaths, type SubPathNeeds } from "./planSubPaths.ts"
import type { StepList } from "./Step.ts"

/** What the mounts of a plan depend on. */
export interface MountNeeds {
  readonly workload: Workload
  readonly mountRoot: string
  readonly disks: ReadonlyArray<DiskNeeds>
  readonly mounts: MountView
  /** The volumes that containers which stay have mounted, or that hold what an init container has left. */
  readonly inUse: ReadonlySet<string>
  /** Where the directory of each `emptyDir` is that is not in memory. */
  readonly emptyDirs: EmptyDirObservation["paths"]
  readonly subPaths: SubPathNeeds
}

/**
 * What is mounted below the root and has to go, in the order in which it can be unmounted: the last mounted first. A
 * disk or an emptyDir that is mounted as it should be stays; a tmpfs stays if it is in use.
 */
export const leavingMounts = (needs: MountNeeds): ReadonlyArray<Mount> => {
  const { workload, mountRoot, mounts, disks } = needs
  const staying = new Set([
    ...disks.filter((disk) => disk.inPlace).map((disk) => disk.mount.target),
    ...workload.volumes.flatMap((volume) =>
      (volume._tag === "Tmpfs" || volume._tag === "EmptyDir") && stays(volume, needs)
        ? [mountPoint(mountRoot, volume)]
        : []
    ),
    ...(hasImages(workload) && isMarked(needs) ? [imageMark(mountRoot)] : []),
    ...staysBound(needs)
  ])
  return mounts.ours.filter((mount) => !staying.has(mount.target))
}

const hasImages = ({ volumes }: Workload): boolean => volumes.some(({ _tag }) => _tag === "Image")

const isMarked = ({ mountRoot, mounts }: MountNeeds): boolean =>
  mounts.rootInPlace && isInPlace({ target: imageMark(mountRoot), sizeBytes: imageMarkBytes }, mounts)

/** Whether what a volume is on the host now is what new containers will have. */
const stays = (volume: Volume, needs: MountNeeds): boolean => {
  switch (volume._tag) {
    case "HostPath":
    case "Files":
    case "Image":
      return true
    case "Disk":
      return needs.disks.some((disk) => disk.inPlace && disk.volume.name === volume.name)
    case "EmptyDir":
      return isBound(volume, needs)
    case "Tmpfs":
      return needs.inUse.has(volume.name)
  }
}

const staysBound = (needs: MountNeeds): ReadonlySet<string> =>
  stayingSubPaths(needs.subPaths, needs.mounts, (volume) => stays(volume, needs))

/** Its directory is mounted where it should be, or a container that stays has whatever is. */
const isBound = (volume: EmptyDirVolume, { mountRoot, mounts, inUse, emptyDirs }: MountNeeds): boolean => {
  const source = emptyDirs.get(volume.name) ?? ""
  return isShownAt(mounts, source, mountPoint(mountRoot, volume)) || inUse.has(volume.name)
}

/** Checks or formats a disk, as it needs; gives the ids of the steps. */
export const planPreparation = (
  steps: StepList,
  { device, prepare, volume, filesystem, holds }: DiskNeeds,
  needs: ReadonlyArray<string>
): ReadonlyArray<string> => {
  switch (prepare._tag) {
    case "Nothing":
      return []
    case "Check":
      return [
        steps.add(
          "check",
          volume.deviceName,
          { _tag: "Check", device, volume, holds },
          "it holds ext4 and is to be mounted",
          needs
        )
      ]
    case "Format":
      return [
        steps.add(
          "format",
          volume.deviceName,
          { _tag: "Format", device, volume, filesystem, proof: prepare.proof },
          prepare.proof._tag === "BegunBefore"
            ? "it was blank when an earlier run began to format it, and that run did not come to the end"
            : "it is blank: no signature on it, and its first and last MiB hold zeros only",
          needs
        )
      ]
  }
}

/** Grows the filesystem of a disk that is mounted by then, if its disk has grown; gives the ids of the steps. */
export const planGrowth = (
  steps: StepList,
  { device, mount, volume, filesystem, growth }: DiskNeeds,
  needs: ReadonlyArray<string>
): ReadonlyArray<string> => {
  if (growth === undefined) return []
  const mounted = { device, path: mount.source, target: mount.target, filesystem }
  const cause = `the disk has ${sizeText(growth.toBytes)}, and its filesystem ends at ${sizeText(growth.fromBytes)}`
  return [steps.add("grow", volume.deviceName, { _tag: "Grow", mounted, growth }, cause, needs)]
}

const leavingCauses: { readonly [P in NonNullable<ReturnType<typeof placeOf>>]?: string } = {
  SubPath: "no container mounts this part of a volume any more, or it leads elsewhere now",
  Image: "no volume is an image any more"
}

/** Unmounts what has to go and mounts what the workload needs; gives the ids of all its steps. */
export const planMounts = (
  steps: StepList,
  mountNeeds: MountNeeds,
  leaving: ReadonlyArray<Mount>,
  before: {
    /** The steps by which each disk was prepared. */
    readonly prepared: ReadonlyMap<DiskNeeds, ReadonlyArray<string>>
    /** The steps by which the directory of each `emptyDir` was made. */
    readonly emptyDirs: ReadonlyMap<string, ReadonlyArray<string>>
    /** The steps by which host paths were made. */
    readonly directories: ReadonlyArray<string>
  },
  needs: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const { workload, mountRoot, disks, mounts, inUse, emptyDirs } = mountNeeds
  const all: Array<string> = []
  // One by one: of two mounts on one target, the upper has to go first.
  let free = needs
  const sources = new Set(disks.flatMap((disk) => [disk.mount.source, disk.device]))
  for (const mount of leaving) {
    const cause = sources.has(mount.source)
      ? "the disk has to be free to be checked and mounted as declared"
      : (leavingCauses[placeOf(mountRoot, mount.target) ?? "Disk"] ?? "the new container is to start afresh")
    free = [steps.add("unmount", mount.target, { _tag: "Unmount", mount }, cause, free)]
    all.push(...free)
  }
  const mountsBelow =
    mountNeeds.subPaths.wanted.length > 0 || workload.volumes.some((volume) => volume._tag !== "HostPath")
  if (mountsBelow && !mounts.rootInPlace) {
    const mount = mountOfRoot(mountRoot)
    const cause = "as a tmpfs it is empty after a reboot, so that nothing starts on what is not mounted yet"
    free = [steps.add("mount", mountRoot, { _tag: "Mount", mount }, cause, free)]
    all.push(...free)
  }
  if (hasImages(workload) && !isMarked(mountNeeds)) {
    const mount = tmpfsAt(imageMark(mountRoot), [`size=${imageMarkBytes}`])
    const cause =
      "it is missing after a boot, which loses mounted images: without it the engine starts nothing that has any"
    all.push(steps.add("mount", "mark of images", { _tag: "Mount", mount }, cause, free))
  }
  for (const disk of disks) {
    if (disk.inPlace) continue
    const prepared = disk.held ? planPreparation(steps, disk, free) : (before.prepared.get(disk) ?? [])
    const cause = `volume "${disk.volume.name}" is on it`
    const { mount, volume, holds } = disk
    const action = { _tag: "Mount", mount, disk: { volume, holds } } as const
    const mounting = steps.add("mount", volume.deviceName, action, cause, [...free, ...prepared])
    all.push(...prepared, mounting, ...planGrowth(steps, disk, [mounting]))
  }
  for (const volume of workload.volumes) {
    if (volume._tag === "EmptyDir" && !isBound(volume, mountNeeds)) {
      const source = emptyDirs.get(volume.name) ?? ""
      const mount = bindAt(source, mountPoint(mountRoot, volume))
      const cause = `volume "${volume.name}" is an emptyDir`
      const made = before.emptyDirs.get(volume.name) ?? []
      all.push(steps.add("mount", `emptyDir ${volume.name}`, { _tag: "Mount", mount }, cause, [...free, ...made]))
    }
    if (volume._tag !== "Tmpfs" || inUse.has(volume.name)) continue
    const options = volume.sizeBytes === undefined ? [] : [`size=${volume.sizeBytes}`]
    const mount = tmpfsAt(mountPoint(mountRoot, volume), options)
    const cause = `volume "${volume.name}" is a tmpfs, empty for each new container`
    all.push(steps.add("mount", `tmpfs ${volume.name}`, { _tag: "Mount", mount }, cause, free))
  }
  const made = [...free, ...all, ...before.directories]
  all.push(...planSubPaths(steps, mountNeeds.subPaths, mountRoot, staysBound(mountNeeds), made))
  return all
}
