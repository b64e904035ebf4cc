import { parentOf } from "../../vm/host/HostFiles.ts"

/** A tree of files. Paths are absolute, without a trailing slash. */
export class FileTree {
  readonly files = new Map<string, { readonly text: string; readonly mode: string }>()
  readonly directories = new Set<string>(["/"])
  /** Of directories whose mode is not the usual one, as of files: in octal. */
  readonly directoryModes = new Map<string, string>()
  /** Of what belongs to another group than root's. */
  readonly groups = new Map<string, number>()
  /** Symbolic links and their content. */
  readonly links = new Map<string, string>()

  makeDirectory(path: string): void {
    for (let at = path; at !== "/" && at !== ""; at = parentOf(at)) this.directories.add(at)
  }
  /** The permissions of a file or directory, in octal; undefined if there is none. */
  mode(path: string): string | undefined {
    return this.directories.has(path) ? (this.directoryModes.get(path) ?? "0755") : this.files.get(path)?.mode
  }
  setMode(path: string, mode: string): boolean {
    const file = this.files.get(path)
    if (this.directories.has(path)) this.directoryModes.set(path, mode)
    else if (file !== undefined) this.files.set(path, { text: file.text, mode })
    return file !== undefined || this.directories.has(path)
  }
  write(path: string, text: string, mode = "0644"): void {
    this.makeDirectory(parentOf(path))
    this.files.set(path, { text, mode: this.files.get(path)?.mode ?? mode })
  }
  /** The names in a directory. */
  namesIn(directory: string): ReadonlyArray<string> {
    const entries = [...this.directories, ...this.files.keys(), ...this.links.keys()]
    const isIn = (path: string) => path !== "/" && parentOf(path) === directory
    return entries.filter(isIn).map((path) => path.slice(path.lastIndexOf("/") + 1))
  }
  /** Removes what is at the path, and all below it. */
  remove(path: string): void {
    const all = [this.files, this.directories, this.links, this.directoryModes, this.groups]
    if (!this.directories.has(path)) return all.forEach((one) => one.delete(path))
    const isGone = (other: string) => other === path || other.startsWith(`${path}/`)
    for (const one of all) {
      for (const other of one.keys()) if (isGone(other)) one.delete(other)
    }
  }
  /** Renames a file, or a directory with all below it; false if there is neither. */
  move(from: string, to: string): boolean {
    if (!this.has(from)) return false
    const moved = (path: string) => (path === from || path.startsWith(`${from}/`) ? to + path.slice(from.length) : path)
    this.remove(to)
    this.makeDirectory(parentOf(to))
    const all: ReadonlyArray<Map<string, unknown>> = [this.files, this.links, this.directoryModes, this.groups]
    if (!this.directories.has(from)) {
      for (const one of all) {
        const value = one.get(from)
        if (one.delete(from)) one.set(to, value)
      }
      return true
    }
    for (const one of all) {
      for (const [path, value] of Array.from(one)) {
        if (moved(path) === path) continue
        one.delete(path)
        one.set(moved(path), value)
      }
    }
    for (const path of Array.from(this.directories)) {
      if (moved(path) === path) continue
      this.directories.delete(path)
      this.directories.add(moved(path))
    }
    return true
  }
  has(path: string): boolean {
    return path === "" || this.directories.has(path) || this.files.has(path)
  }
}
