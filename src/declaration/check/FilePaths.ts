import type { Check } from "./Check.ts"
import { FilePathInvalid, FilePathTaken } from "./FilesProblem.ts"
import { isPathComponent } from "./pathComponent.ts"
import { cleanSubPath } from "../../workload/subPath.ts"
import type { DeclaredFile } from "../../workload/VolumeFile.ts"
import type { Place } from "../yaml/Places.ts"

/** PATH_MAX, without what stands before the path in a container. */
const maximumLength = 3800

/** A file's path as it is written, without empty components and `.`; the failure says what is wrong with it. */
const pathOf = (written: string): { readonly path: string } | { readonly why: string } => {
  if (written.startsWith("/")) return { why: "is absolute" }
  const path = cleanSubPath(written)
  if (path === "") return { why: "names no file" }
  const names = path.split("/")
  if (names.includes("..")) return { why: 'has ".." in it' }
  if (names[0]!.startsWith("..")) return { why: 'begins with ".."' }
  if (names.some((name) => !isPathComponent(name)) || written.length > maximumLength) return { why: "is too long" }
  return { path }
}

interface Entry {
  readonly file: DeclaredFile
  readonly place: Place
  /** Its path is written in the declaration, and is not a key's. */
  readonly isNamed: boolean
}

/** Collects the files of a volume, each path once. */
export class FilePaths {
  readonly #volume: string
  readonly #refusesTwice: boolean
  readonly #check: Check<FilePathInvalid | FilePathTaken, never>
  readonly #entries = new Map<string, Entry>()

  /** `refusesTwice`: as in Kubernetes, two items of a projected volume cannot have one path. Else the last one counts. */
  constructor(volume: string, refusesTwice: boolean, check: Check<FilePathInvalid | FilePathTaken, never>) {
    this.#volume = volume
    this.#refusesTwice = refusesTwice
    this.#check = check
  }

  /** `item`: where the path is written; undefined where it is a key of what stands at `place`. */
  add(file: DeclaredFile, place: Place, item?: { readonly path: string }): void {
    const checked = pathOf(file.path)
    const shown = item === undefined ? file.path : this.#check.quote(item, "path")
    if ("why" in checked) {
      this.#check.slip(place, FilePathInvalid, { volume: this.#volume, filePath: shown, why: checked.why })
      return
    }
    const { path } = checked
    const isNamed = item !== undefined
    if (this.#refusesTwice && isNamed && this.#entries.get(path)?.isNamed === true) {
      this.#check.slip(place, FilePathTaken, { volume: this.#volume, filePath: path, other: path })
      return
    }
    this.#entries.set(path, { file: { ...file, path }, place, isNamed })
  }

  /** In the order of their paths. A file that would have to be a directory as well is refused. */
  get files(): ReadonlyArray<DeclaredFile> {
    return [...this.#entries]
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([path, { file, place }]) => {
        const other = above(path).find((directory) => this.#entries.has(directory))
        if (other === undefined) return [file]
        this.#check.slip(place, FilePathTaken, { volume: this.#volume, filePath: path, other })
        return []
      })
  }
}

/** The directories above a path. */
const above = (path: string): ReadonlyArray<string> => {
  const names = path.split("/").slice(0, -1)
  return names.map((_, index) => names.slice(0, index + 1).join("/"))
}
