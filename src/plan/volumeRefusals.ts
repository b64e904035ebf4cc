import { subPathsOf } from "../observation/MountPoints.ts"
import type { Observation } from "../observation/Observation.ts"
import type { VolumeObservation } from "../observation/observeVolumes.ts"
import { speaks } from "../vm/engine/EngineProduct.ts"
import { type FileKind, parentOf } from "../vm/host/HostFiles.ts"
import { hasPart } from "../workload/VolumeFile.ts"
import type { HostPathType, HostPathVolume, Volume, VolumeMount, Workload } from "../workload/Workload.ts"
import type { Fate } from "./comparison.ts"
import {
  HostPathDiffers,
  HostPathParentMissing,
  MountNotShared,
  RecursiveReadOnlyUnsupported,
  SubPathExprUnusable,
  SubPathLeadsOut,
  SubPathUnusable,
  type VolumeRefusal
} from "./VolumeRefusal.ts"

/** What keeps the volumes of new containers from being mounted as declared. A container that runs has them already. */
export const volumeRefusals = (
  workload: Workload,
  { volumes: observed, mountRoot }: Observation,
  created: ReadonlyArray<Fate>
): ReadonlyArray<VolumeRefusal> => {
  const volumes = new Map(workload.volumes.map((volume) => [volume.name, volume]))
  const mounts = created.flatMap(({ member }) => member.container.mounts)
  const used = new Set(mounts.flatMap((mount) => volumes.get(mount.volume) ?? []))
  return [
    ...[...used].flatMap((volume) => (volume._tag === "HostPath" ? hostPathRefusals(volume, observed) : [])),
    ...mounts.flatMap((mount) => [
      ...sharingRefusals(mount, observed),
      ...readOnlyRefusals(mount, observed),
      ...subPathRefusals(mount, volumes.get(mount.volume), mountRoot, observed),
      ...partRefusals(mount, volumes.get(mount.volume)),
      ...exprRefusals(mount)
    ])
  ]
}

/** As Kubernetes' kubelet judges: a file is whatever is no directory. */
const fits: Readonly<Record<HostPathType, (kind: FileKind) => boolean>> = {
  Directory: (kind) => kind === "Directory",
  DirectoryOrCreate: (kind) => kind === "Directory",
  File: (kind) => kind !== "Directory",
  FileOrCreate: (kind) => kind !== "Directory",
  Socket: (kind) => kind === "Socket",
  CharDevice: (kind) => kind === "CharDevice",
  BlockDevice: (kind) => kind === "BlockDevice"
}

const words: Readonly<Record<FileKind, string>> = {
  Directory: "a directory",
  File: "a file",
  Socket: "a socket",
  CharDevice: "a character device",
  BlockDevice: "a block device",
  Other: "something else, such as a pipe"
}

const hostPathRefusals = (
  { name, path, type }: HostPathVolume,
  { kinds, dangling }: VolumeObservation
): ReadonlyArray<VolumeRefusal> => {
  if (type === undefined) return []
  const link = dangling.get(path)
  // A file is created through it, as kubelet does; a directory cannot be.
  if (link !== undefined && !(type === "FileOrCreate" && link.hasDirectory)) {
    const found = `a symbolic link to ${link.target}, where there is nothing`
    return [new HostPathDiffers({ volume: name, path, wanted: type, found })]
  }
  const kind = kinds.get(path)
  if (kind !== undefined) {
    return fits[type](kind) ? [] : [new HostPathDiffers({ volume: name, path, wanted: type, found: words[kind] })]
  }
  if (type === "DirectoryOrCreate") return []
  if (type !== "FileOrCreate") return [new HostPathDiffers({ volume: name, path, wanted: type, found: "nothing" })]
  return kinds.get(parentOf(path)) === "Directory" ? [] : [new HostPathParentMissing({ volume: name, path })]
}

/** The engine refuses to start a container whose mount is to pass what the host does not. */
const sharingRefusals = (
  { volume, path, propagation }: VolumeMount,
  { sharing }: VolumeObservation
): ReadonlyArray<VolumeRefusal> => {
  const found = sharing.get(volume)
  if (propagation === undefined || found === undefined || found.kind === "shared") return []
  if (propagation === "HostToContainer" && found.kind === "slave") return []
  return [new MountNotShared({ volume, mountPath: path, wanted: propagation, mountPoint: found.mountPoint })]
}

const readOnlyRefusals = (
  { volume, path, recursiveReadOnly }: VolumeMount,
  { engine, kernel }: VolumeObservation
): ReadonlyArray<VolumeRefusal> => {
  if (recursiveReadOnly !== "Enabled") return []
  const why =
    engine === undefined || engine.name !== "Docker" || !speaks(engine, 1, 44)
      ? `the engine${engine?.version === undefined ? "" : ` (${engine.name} ${engine.version})`} has no such mounts: Docker has from version 25`
      : isOlder(kernel)
        ? `the kernel is ${kernel}, and has such mounts from 5.12`
        : undefined
  return why === undefined ? [] : [new RecursiveReadOnlyUnsupported({ volume, mountPath: path, why })]
}

/** The step that binds it looks again: what is mounted or made later may lead elsewhere. */
const subPathRefusals = (
  mount: VolumeMount,
  volume: Volume | undefined,
  mountRoot: string,
  { subPaths }: VolumeObservation
): ReadonlyArray<VolumeRefusal> =>
  subPathsOf(mountRoot, volume === undefined ? [] : [volume], [mount]).flatMap(
    ({ target, subPath }): ReadonlyArray<VolumeRefusal> => {
      const found = subPaths.get(target)
      const what = { volume: mount.volume, mountPath: mount.path, subPath }
      switch (found?._tag) {
        case "Outside":
          return [new SubPathLeadsOut({ ...what, path: found.path })]
        case "Unusable":
          return [new SubPathUnusable({ ...what, detail: found.detail })]
        default:
          return []
      }
    }
  )

/** What the declaration alone tells of it was judged before. */
const exprRefusals = ({ volume, path, subPathFault: fault }: VolumeMount): ReadonlyArray<VolumeRefusal> =>
  fault === undefined ? [] : [new SubPathExprUnusable({ volume, mountPath: path, fault })]

/** A file that its volume is declared to have is missing if its source is optional. */
const partRefusals = (mount: VolumeMount, volume: Volume | undefined): ReadonlyArray<VolumeRefusal> => {
  const { subPath, path } = mount
  if (volume?._tag !== "Files" || subPath === undefined || hasPart(volume.files, subPath)) return []
  const detail = "the volume has no such file; one whose source is optional may be missing"
  return [new SubPathUnusable({ volume: volume.name, mountPath: path, subPath, detail })]
}

/** A kernel that does not say what it is may have them. */
const isOlder = (kernel: string | undefined): boolean => {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(kernel ?? "") ?? []
  return Number(major) < 5 || (Number(major) === 5 && Number(minor) < 12)
}
