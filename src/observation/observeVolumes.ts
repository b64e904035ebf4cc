import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { withDeadline } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import type { EngineProduct } from "../vm/engine/EngineProduct.ts"
import { EmptyDirFolder } from "../vm/host/EmptyDirFolder.ts"
import { type FileKind, HostFiles, parentOf } from "../vm/host/HostFiles.ts"
import { HostRandom } from "../vm/host/HostRandom.ts"
import { boundPath, mountOf, type MountInfo } from "../vm/storage/MountInfo.ts"
import { Mounts } from "../vm/storage/Mounts.ts"
import type { Mount } from "../vm/storage/MountTable.ts"
import { allContainers, type HostVolume, type VolumeMount, type Workload } from "../workload/Workload.ts"
import { bindAt, hostPath, isBindPoint, subPathsOf } from "./MountPoints.ts"
import { locateSubPath } from "./locateSubPath.ts"
import { type FilesObservation, observeFiles } from "./VolumeFiles.ts"

/** What is on the VM of the workload's volumes, disks apart. What the workload has no use for is not read. */
export interface VolumeObservation {
  /** What is at each host path that has a type, and above each that may be created as a file. Absent: nothing. */
  readonly kinds: ReadonlyMap<string, FileKind>
  /** Those at which there is a symbolic link that leads to nothing. */
  readonly dangling: ReadonlyMap<string, DanglingLink>
  readonly emptyDirs: EmptyDirObservation
  readonly files: FilesObservation
  /** How the host shares what lies behind each volume that mounts are to pass through, by the volume's name. */
  readonly sharing: ReadonlyMap<string, Sharing>
  /** Where each part of a volume that is mounted leads, by where it is to be bound. */
  readonly subPaths: ReadonlyMap<string, FoundSubPath>
  /** What decides whether read-only mounts can cover what is mounted below them. */
  readonly engine: EngineProduct | undefined
  /** The kernel's release, `6.1.0-18-cloud-amd64`. */
  readonly kernel: string | undefined
}

/** Where a symbolic link leads, although nothing is there. */
export interface DanglingLink {
  readonly target: string
  /** Whether something could be created there. */
  readonly hasDirectory: boolean
}

/** The directories of `emptyDir` volumes: paths of the host. */
export interface EmptyDirObservation {
  /** The directory of each volume of the workload that is on the disk, there or not, by the volume's name. */
  readonly paths: ReadonlyMap<string, string>
  /** What is there: this boot's directories, and one for all of each other boot. */
  readonly found: ReadonlyArray<string>
}

/** Where a part of a volume is, whether or not anything is there: a path without links. */
export type FoundSubPath =
  | { readonly _tag: "Inside"; readonly path: string }
  /** Not in the volume. */
  | { readonly _tag: "Outside"; readonly path: string }
  /** It leads nowhere: links go in a circle, or what is no directory is on its way. */
  | { readonly _tag: "Unusable"; readonly detail: string }

/** The mount that a path lies on, and what that passes on. */
export interface Sharing {
  readonly mountPoint: string
  readonly kind: "shared" | "slave" | "private"
}

/** Reads what there is, but for the mount table. */
export const observeVolumes = Effect.fnUntraced(function* (workload: Workload, mountRoot: string) {
  const mounts = mountsOf(workload)
  const passing = new Set(mounts.flatMap(({ propagation, volume }) => (propagation === undefined ? [] : [volume])))
  const forced = mounts.some(({ recursiveReadOnly }) => recursiveReadOnly === "Enabled")
  const [{ kinds, dangling }, emptyDirs, files, sharing, kernel, subPaths] = yield* Effect.all(
    [
      observeKinds(workload),
      observeEmptyDirs(workload),
      observeFiles(workload, mountRoot),
      passing.size === 0 ? Effect.succeed(new Map<string, Sharing>()) : observeSharing(workload, passing, mountRoot),
      forced ? observeKernel : Effect.undefined,
      observeSubPaths(workload, mountRoot)
    ],
    { concurrency: "unbounded" }
  )
  return { kinds, dangling, emptyDirs, files, sharing, kernel, subPaths }
})

const mountsOf = (workload: Workload): ReadonlyArray<VolumeMount> =>
  allContainers(workload).flatMap(({ mounts }) => mounts)

const observeKinds = Effect.fnUntraced(function* ({ volumes }: Workload) {
  const files = yield* HostFiles
  const paths = volumes.flatMap((volume) =>
    volume._tag !== "HostPath" || volume.type === undefined
      ? []
      : volume.type === "FileOrCreate"
        ? [volume.path, parentOf(volume.path)]
        : [volume.path]
  )
  const kindOf = (path: string) => files.kindOf(path).pipe(attempt("INSPECT", `see what is at ${path}`))
  const found = yield* Effect.forEach(
    [...new Set(paths)],
    Effect.fnUntraced(function* (path) {
      const kind = yield* kindOf(path)
      const link = Option.isSome(kind) ? Option.none<DanglingLink>() : yield* observeDangling(path)
      return { path, kind, link }
    }),
    { concurrency: 8 }
  )
  return {
    kinds: new Map(found.flatMap(({ path, kind }) => Option.toArray(kind).map((kind) => [path, kind] as const))),
    dangling: new Map(found.flatMap(({ path, link }) => Option.toArray(link).map((link) => [path, link] as const)))
  }
})

/** Of a path at which there is nothing, or a link to nothing. */
const observeDangling = Effect.fnUntraced(function* (path: string) {
  const files = yield* HostFiles
  const isLink = yield* files.readLink(path).pipe(attempt("INSPECT", `see whether ${path} is a link`))
  if (Option.isNone(isLink)) return Option.none<DanglingLink>()
  const target = yield* files.locate(path).pipe(attempt("INSPECT", `see where ${path} leads`))
  const parent = yield* files.kindOf(parentOf(target)).pipe(attempt("INSPECT", `see what is above ${target}`))
  return Option.some<DanglingLink>({ target, hasDirectory: Option.contains(parent, "Directory") })
})

/** What earlier boots and declarations have left is found whatever is declared. Failing to look is no reason to fail. */
const observeEmptyDirs = Effect.fnUntraced(function* ({ volumes }: Workload) {
  const folder = yield* EmptyDirFolder
  const { seed } = yield* HostRandom
  const own = volumes.filter(({ _tag }) => _tag === "EmptyDir")
  const look = folder
    .observe(seed)
    .pipe(withDeadline("FILE", "list the directories of emptyDir volumes"), (looked) =>
      own.length === 0 ? Effect.orElseSucceed(looked, (): ReadonlyArray<string> => []) : looked
    )
  const observed: EmptyDirObservation = {
    paths: new Map(own.map(({ name }) => [name, folder.pathOf(seed, name)])),
    found: yield* look
  }
  return observed
})

const observeSharing = Effect.fnUntraced(function* (
  { volumes }: Workload,
  passing: ReadonlySet<string>,
  mountRoot: string
) {
  const mounts = yield* Mounts
  const infos = yield* readDetails
  const found = yield* Effect.forEach(
    volumes.filter((volume): volume is HostVolume => volume._tag !== "Image" && passing.has(volume.name)),
    (volume) =>
      mounts.resolve(hostPath(mountRoot, volume)).pipe(
        attempt("LIST", `see where ${hostPath(mountRoot, volume)} leads`),
        // What is mounted on something that is shared is shared.
        Effect.map((path) => [volume.name, sharingOf(mountOf(infos, path))] as const)
      ),
    { concurrency: 8 }
  )
  return new Map(found)
})

/** In a volume that is not there, or not mounted, nothing leads anywhere. */
const observeSubPaths = Effect.fnUntraced(function* (workload: Workload, mountRoot: string) {
  const mounts = yield* Mounts
  const folder = yield* EmptyDirFolder
  const { seed } = yield* HostRandom
  const found = yield* Effect.forEach(
    subPathsOf(mountRoot, workload.volumes, mountsOf(workload)),
    ({ volume, subPath, target }) => {
      // By the directory itself, for an emptyDir may not be bound yet.
      const declared = volume._tag === "EmptyDir" ? folder.pathOf(seed, volume.name) : hostPath(mountRoot, volume)
      return locateSubPath(mounts, declared, subPath).pipe(
        Effect.map(({ path, isInside }): FoundSubPath => ({ _tag: isInside ? "Inside" : "Outside", path })),
        Effect.catchTag("MountFailed", ({ detail }) => Effect.succeed<FoundSubPath>({ _tag: "Unusable", detail })),
        attempt("LIST", `see where ${subPath} of the volume ${volume.name} leads`),
        Effect.map((observed) => [target, observed] as const)
      )
    },
    { concurrency: 8 }
  )
  return new Map(found)
})

const sharingOf = (mount: MountInfo | undefined): Sharing => ({
  mountPoint: mount?.target ?? "/",
  kind: mount?.isShared === true ? "shared" : mount?.isSlave === true ? "slave" : "private"
})

const observeKernel = Effect.gen(function* () {
  const files = yield* HostFiles
  const release = yield* files
    .read("/proc/sys/kernel/osrelease")
    .pipe(attempt("INSPECT", "read the kernel's release"), Effect.map(Option.getOrUndefined))
  return release?.trim()
})

const readDetails = Effect.gen(function* () {
  const mounts = yield* Mounts
  return yield* mounts.details.pipe(attempt("LIST", "read how mounts are shared"))
})

/**
 * The table, with our binds told by the path that is bound in place of its filesystem's device, so that each mount can be
 * made again as it was. Of one whose origin is not mounted any more the path is that in its filesystem.
 */
export const tellBinds = Effect.fnUntraced(function* (table: ReadonlyArray<Mount>, mountRoot: string) {
  const isOurs = (target: string) => isBindPoint(mountRoot, target)
  if (!table.some(({ target }) => isOurs(target))) return table
  const infos = yield* readDetails
  return table.map((mount): Mount => {
    if (!isOurs(mount.target)) return mount
    const source = boundPath(infos, mount.target, (target) => !isOurs(target))
    return bindAt(source ?? mount.source, mount.target)
  })
})
