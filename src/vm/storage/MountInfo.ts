import { unescapeField } from "./MountTable.ts"

/** What the mount table does not tell of a mount. */
export interface MountInfo {
  /** Where it is mounted. */
  readonly target: string
  /** The filesystem, `8:1`. */
  readonly device: string
  /** Which part of the filesystem is mounted: `/`, unless it is a bind of something in it. */
  readonly root: string
  /** What is mounted below it appears in the mounts that are its peers, and theirs in it. */
  readonly isShared: boolean
  /** What is mounted below its master appears in it. */
  readonly isSlave: boolean
}

/** Reads `/proc/self/mountinfo`. Lines that are not the kernel's are skipped. Source: proc_pid_mountinfo(5). */
export const parseMountInfo = (text: string): ReadonlyArray<MountInfo> =>
  text.split("\n").flatMap((line) => {
    const [, , device, root, target, options, ...rest] = line.split(" ")
    if (device === undefined || root === undefined || target === undefined || options === undefined) return []
    const tags = rest.slice(0, rest.indexOf("-"))
    return [
      {
        target: unescapeField(target),
        device,
        root: unescapeField(root),
        isShared: tags.some((tag) => tag.startsWith("shared:")),
        isSlave: tags.some((tag) => tag.startsWith("master:"))
      }
    ]
  })

/** The mount that a path without links lies on. */
export const mountOf = (infos: ReadonlyArray<MountInfo>, path: string): MountInfo | undefined =>
  infos.findLast(({ target }) => isWithin(path, target))

/** Where in which filesystem a path without links leads; undefined if no mount is known for it. */
export const placeIn = (infos: ReadonlyArray<MountInfo>, path: string): Place | undefined => {
  const mount = mountOf(infos, path)
  return mount && { device: mount.device, path: joined(mount.root, relative(path, mount.target)) }
}

export interface Place {
  readonly device: string
  /** From the filesystem's own root. */
  readonly path: string
}

/** A path that leads to what is bound at the target, if it is the bind of something that is mounted elsewhere too. */
export const boundPath = (
  infos: ReadonlyArray<MountInfo>,
  target: string,
  isCandidate: (target: string) => boolean
): string | undefined => {
  const mount = infos.findLast((one) => one.target === target)
  if (mount === undefined) return undefined
  const origin = infos.findLast(
    (one) => one.device === mount.device && isCandidate(one.target) && isWithin(mount.root, one.root)
  )
  return origin && joined(origin.target, relative(mount.root, origin.root))
}

/** The path itself, or below it. */
export const isWithin = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory.endsWith("/") ? directory : `${directory}/`)

/** What follows the directory in a path that is within it: empty, or from the slash on. */
const relative = (path: string, directory: string): string =>
  directory === "/" ? (path === "/" ? "" : path) : path.slice(directory.length)

const joined = (directory: string, rest: string): string =>
  rest === "" ? directory : `${directory === "/" ? "" : directory}${rest}`
