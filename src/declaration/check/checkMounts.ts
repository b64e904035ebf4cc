import { MountPathDuplicate, MountPathIsRoot, MountPathNotAbsolute, VolumeBindingMissing } from "./ContainerProblem.ts"
import type { DeclaredContainer } from "../DeclarationSchema.ts"
import type { Findings } from "../Findings.ts"
import { nearest } from "../../text/nearest.ts"
import { placeholderLeft } from "./PlaceholderProblem.ts"
import type { Place, Places } from "../yaml/Places.ts"
import { tolerable } from "../Findings.ts"
import type { Span } from "../yaml/YamlNode.ts"

/** So many of the defined volumes are compared with the name of a missing one. */
const maximumCandidates = 1000

export interface DefinedVolumes {
  readonly names: ReadonlySet<string>
  /** False where a volume's name could not be read: then nothing is said about missing ones. */
  readonly complete: boolean
  /** Where `volumes` was written inside a container. */
  readonly misplaced: Span | undefined
}

/** Checks a container's mounts: that each has a volume, and a path of its own. */
export const checkMounts = (
  container: DeclaredContainer,
  defined: DefinedVolumes,
  places: Places,
  findings: Findings
): void => {
  const paths = new Map<string, Place>()
  for (const mount of container.volumeMounts) {
    const name = places.of(mount, "name")
    if (!name.invalid && defined.complete && !defined.names.has(mount.name)) {
      if (defined.misplaced !== undefined) findings.explain(defined.misplaced)
      findings.problem(name.span, (position, { quote }) => {
        return new VolumeBindingMissing({
          ...position,
          container: quote(container.name, places.of(container, "name")),
          volume: quote(mount.name, name),
          suggestion: nearest(mount.name, [...defined.names].slice(0, maximumCandidates)),
          insideContainer: defined.misplaced !== undefined
        })
      })
    }
    checkPath(mount, paths, places, findings)
  }
}

const checkPath = (
  mount: DeclaredContainer["volumeMounts"][number],
  paths: Map<string, Place>,
  places: Places,
  findings: Findings
): void => {
  const { mountPath } = mount
  const place = places.of(mount, "mountPath")
  const name = places.of(mount, "name")
  if (place.invalid) return
  const path = cleanPath(mountPath)
  const first = paths.get(path)
  const left = placeholderLeft(mountPath, place)
  if (left !== undefined && mountPath.startsWith("/")) findings.slip(place.span, tolerable(left))
  if (!mountPath.startsWith("/")) {
    findings.problem(place.span, (position, { quote }) => {
      return new MountPathNotAbsolute({
        ...position,
        volume: quote(mount.name, name),
        mountPath: quote(mountPath, place)
      })
    })
  } else if (path === "/") {
    findings.problem(place.span, (position, { quote }) => {
      return new MountPathIsRoot({ ...position, volume: quote(mount.name, name) })
    })
  } else if (first !== undefined) {
    findings.problem(place.span, (position, { quote, lineOf }) => {
      const firstLine = lineOf(first.span)
      return new MountPathDuplicate({ ...position, mountPath: quote(mountPath, place), firstLine })
    })
  } else paths.set(path, place)
}

/** An absolute path as the engine compares it: without empty parts, `.` and `..`. */
export const cleanPath = (path: string): string => {
  const parts: Array<string> = []
  for (const part of path.split("/")) {
    if (part === "..") parts.pop()
    else if (part !== "" && part !== ".") parts.push(part)
  }
  return `/${parts.join("/")}`
}
