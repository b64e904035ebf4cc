import { parentOf } from "../vm/HostFiles.ts"
import type { Mount } from "../vm/Mounts.ts"
import type { SimulatedDisk } from "./SimulatedDisks.ts"

/** A tree of files. Paths are absolute within it, without a slash at the end. */
export class FileTree {
  readonly files = new Map<string, { readonly text: string; readonly mode: string }>()
  readonly directories = new Set<string>(["/"])

  makeDirectory(path: string): void {
    for (let at = path; at !== "/" && at !== ""; at = parentOf(at)) this.directories.add(at)
  }
  write(path: string, text: string, mode = "0644"): void {
    this.makeDirectory(parentOf(path))
    this.files.set(path, { text, mode: this.files.get(path)?.mode ?? mode })
  }
  has(path: string): boolean {
    return path === "" || this.directories.has(path) || this.files.has(path)
  }
}

export interface Mounted extends Mount {
  readonly tree: FileTree
  readonly disk: SimulatedDisk | undefined
}

/** The host's root, and what is mounted on it. */
export class SimulatedFiles {
  readonly root = new FileTree()
  mounts: Array<Mounted> = []

  /** The mount that a path lies on; undefined for the root. */
  mountOf(path: string): Mounted | undefined {
    return this.mounts.findLast(({ target }) => path === target || path.startsWith(`${target}/`))
  }
  private locate(path: string): readonly [tree: FileTree, path: string] {
    const mount = this.mountOf(path)
    return mount === undefined ? [this.root, path] : [mount.tree, path.slice(mount.target.length) || "/"]
  }
  has(path: string): boolean {
    const [tree, inner] = this.locate(path)
    return tree.has(inner)
  }
  isDirectory(path: string): boolean {
    const [tree, inner] = this.locate(path)
    return tree.directories.has(inner)
  }
  makeDirectory(path: string): void {
    const [tree, inner] = this.locate(path)
    tree.makeDirectory(inner)
  }
  read(path: string): string | undefined {
    const [tree, inner] = this.locate(path)
    return tree.files.get(inner)?.text
  }
  mode(path: string): string | undefined {
    const [tree, inner] = this.locate(path)
    return tree.files.get(inner)?.mode
  }
  write(path: string, text: string): void {
    const [tree, inner] = this.locate(path)
    tree.write(inner, text)
  }
  setMode(path: string, mode: string): boolean {
    const [tree, inner] = this.locate(path)
    const file = tree.files.get(inner)
    if (file !== undefined) tree.files.set(inner, { text: file.text, mode })
    return file !== undefined || tree.directories.has(inner)
  }
  remove(path: string): void {
    const [tree, inner] = this.locate(path)
    tree.files.delete(inner)
  }
  move(from: string, to: string): boolean {
    const [tree, inner] = this.locate(from)
    const file = tree.files.get(inner)
    if (file === undefined) return false
    tree.files.delete(inner)
    const [other, target] = this.locate(to)
    other.makeDirectory(parentOf(target))
    other.files.set(target, file)
    return true
  }
  /** What a reboot leaves: the root, without what lives in memory. */
  reboot(): void {
    this.mounts = []
    for (const path of this.root.files.keys()) if (path.startsWith("/run/")) this.root.files.delete(path)
    for (const path of this.root.directories) if (path.startsWith("/run/")) this.root.directories.delete(path)
  }
}
