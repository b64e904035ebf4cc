import type { Mount } from "../vm/storage/MountTable.ts"

/** One mount of the table, seen from the mount root. */
export interface ViewedMount {
  readonly mount: Mount
  /** Ours to unmount: below the root. Hidden: below it as well, but something was mounted at or above the root later. */
  readonly place: "Ours" | "Hidden" | "Elsewhere"
  /** Another mount is at its target, above it and later, or below it and earlier: one of the two hides the other. */
  readonly overlaps: boolean
}

/** The mount table, seen from the mount root. */
export interface MountView {
  /** The mounts of this source (a device's path), in the table's order. */
  readonly of: (source: string) => ReadonlyArray<ViewedMount>
  /** The last mount at a path. */
  readonly at: (target: string) => Mount | undefined
  /** Whether something is mounted at a path or below it. */
  readonly isAbove: (path: string) => boolean
  /** Our mounts, in the order in which they can be unmounted: the last mounted first. */
  readonly ours: ReadonlyArray<Mount>
  /** The mount that the mount root lies on, unless that is the host's own root. */
  readonly root: Mount | undefined
  /** The mount root is our tmpfs. If it is not, whatever is mounted below has to be unmounted first. */
  readonly rootInPlace: boolean
}

/** Takes time in proportion to the table's length. */
export const viewMounts = (mounts: ReadonlyArray<Mount>, mountRoot: string): MountView => {
  const rootIndex = mounts.findLastIndex(({ target }) => target === mountRoot || mountRoot.startsWith(`${target}/`))
  const root = mounts[rootIndex]
  const lastAt = new Map<string, number>()
  const firstAtOrBelow = new Map<string, number>()
  for (const [index, { target }] of mounts.entries()) {
    lastAt.set(target, index)
    for (const path of upwards(target)) if (!firstAtOrBelow.has(path)) firstAtOrBelow.set(path, index)
  }
  const seen = mounts.map((mount, index): ViewedMount => {
    const hidden = upwards(mount.target).some((path) => (lastAt.get(path) ?? -1) > index)
    const place = !mount.target.startsWith(`${mountRoot}/`) ? "Elsewhere" : index < rootIndex ? "Hidden" : "Ours"
    return { mount, place, overlaps: hidden || firstAtOrBelow.get(mount.target)! < index }
  })
  // Not Map.groupBy, which Node 20 lacks.
  const bySource = new Map<string, Array<ViewedMount>>()
  for (const one of seen) {
    const others = bySource.get(one.mount.source)
    if (others === undefined) bySource.set(one.mount.source, [one])
    else others.push(one)
  }
  return {
    of: (source) => bySource.get(source) ?? [],
    at: (target) => {
      const index = lastAt.get(target)
      return index === undefined ? undefined : mounts[index]
    },
    isAbove: (path) => firstAtOrBelow.has(path),
    ours: seen.flatMap(({ mount, place }) => (place === "Ours" ? [mount] : [])).toReversed(),
    root,
    rootInPlace: root !== undefined && root.target === mountRoot && root.type === "tmpfs"
  }
}

/** A path and all above it, but for `/`. */
const upwards = (path: string): ReadonlyArray<string> => {
  const paths: Array<string> = []
  for (let at = path; at !== ""; at = at.slice(0, at.lastIndexOf("/"))) paths.push(at)
  return paths
}

/** Whether a source is mounted at a target below our mount root, where no other mount hides it. */
export const isShownAt = ({ rootInPlace, of }: MountView, source: string, target: string): boolean =>
  rootInPlace && of(source).some(({ mount, overlaps }) => mount.target === target && !overlaps)
