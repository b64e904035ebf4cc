import { parentOf } from "../../vm/host/HostFiles.ts"
import { FileTree } from "./FileTree.ts"
import type { Mount } from "../../vm/storage/MountTable.ts"
import type { SimulatedDisk } from "./SimulatedDisks.ts"

/** A mount of a simulated host, with the files that it shows. */
export interface Mounted extends Mount {
  readonly tree: FileTree
  /** Which part of the tree it is, if it is a bind: a path in it. */
  readonly part?: string
  readonly disk: SimulatedDisk | undefined
}

/** The most links that the kernel follows in one path. */
const mostLinks = 40

/** The host's root and what is mounted on it. Paths are resolved as the kernel does, through links and mounts. */
export class SimulatedFiles {
  readonly root = new FileTree()
  mounts: Array<Mounted> = []

  /** Where a path leads, with links followed, whether or not anything exists there. */
  resolve(path: string): string {
    return this.walk(path, true)
  }
  private walk(path: string, followsLast: boolean): string {
    let at = ""
    let rest = path
    let followed = 0
    for (let from = 0; from < rest.length;) {
      const slash = rest.indexOf("/", from)
      const end = slash === -1 ? rest.length : slash
      const name = rest.slice(from, end)
      from = end + 1
      if (name === "" || name === ".") continue
      if (name === "..") {
        at = at.slice(0, at.lastIndexOf("/"))
        continue
      }
      const here = `${at}/${name}`
      const link = this.linkAt(here)
      if (link === undefined || (!followsLast && isWalked(rest.slice(from))) || followed++ === mostLinks) {
        at = here
        continue
      }
      rest = `${link}/${rest.slice(from)}`
      from = 0
      if (link.startsWith("/")) at = ""
    }
    return at === "" ? "/" : at
  }
  /** What is mounted stays what it is, whatever has taken its place since in the directory that it was bound from. */
  private linkAt(path: string): string | undefined {
    const mount = this.mountAt(path)
    if (mount === undefined) return this.root.links.get(path)
    return mount.tree.links.size === 0 || this.isMountPoint(path)
      ? undefined
      : mount.tree.links.get(inside(mount, path))
  }
  /** The mount of a path that has no links; undefined for the root. */
  private mountAt(path: string): Mounted | undefined {
    return this.mounts.findLast(
      ({ target }) => path.startsWith(target) && (path.length === target.length || path[target.length] === "/")
    )
  }
  private locate(path: string): readonly [tree: FileTree, path: string] {
    const mount = this.mountAt(path)
    return mount === undefined ? [this.root, path] : [mount.tree, inside(mount, path)]
  }
  /** Where the named entry is, even if it is a link. */
  private entry(path: string): readonly [tree: FileTree, path: string] {
    return this.locate(this.walk(path, false))
  }
  /** Where the target of the path is. */
  private target(path: string): readonly [tree: FileTree, path: string] {
    return this.locate(this.resolve(path))
  }

  /** The mount of a path's target; undefined for the root. */
  mountOf(path: string): Mounted | undefined {
    return this.mountAt(this.resolve(path))
  }
  /** Binds what a path leads to at another; false if nothing is there. */
  bind(source: string, target: string): boolean {
    const [tree, part] = this.target(source)
    if (!tree.has(part)) return false
    const { source: device, type, disk } = this.mountOf(source) ?? rootMount
    this.mounts.push({
      source: device,
      target,
      type,
      options: ["rw", "relatime"],
      tree,
      disk,
      ...(part === "/" ? {} : { part })
    })
    return true
  }
  /** The names in a directory; undefined if it is none. */
  list(path: string): ReadonlyArray<string> | undefined {
    const [tree, inner] = this.target(path)
    return tree.directories.has(inner) ? tree.namesIn(inner) : undefined
  }
  /** Removes what is at the path and all below it; what is mounted there is left. */
  removeTree(path: string): void {
    const [tree, inner] = this.entry(path)
    tree.remove(inner)
  }
  has(path: string): boolean {
    const [tree, inner] = this.target(path)
    return tree.has(inner)
  }
  isDirectory(path: string): boolean {
    const [tree, inner] = this.target(path)
    return tree.directories.has(inner)
  }
  /** What is at a path, links followed, in the words of stat(1); undefined if there is nothing. */
  kindOf(path: string): string | undefined {
    const [tree, inner] = this.target(path)
    if (tree.directories.has(inner)) return "directory"
    const file = tree.files.get(inner)
    return file && (file.text === "" ? "regular empty file" : "regular file")
  }
  makeDirectory(path: string): void {
    const [tree, inner] = this.target(path)
    tree.makeDirectory(inner)
  }
  read(path: string): string | undefined {
    const [tree, inner] = this.target(path)
    return tree.files.get(inner)?.text
  }
  mode(path: string): string | undefined {
    const [tree, inner] = this.target(path)
    return tree.mode(inner)
  }
  /** Follows links, as opening a file does. */
  write(path: string, text: string): void {
    const [tree, inner] = this.target(path)
    tree.write(inner, text)
  }
  setMode(path: string, mode: string): boolean {
    const [tree, inner] = this.target(path)
    return tree.setMode(inner, mode)
  }
  /** The group and permissions of the entry itself, even of a link; undefined if there is none. */
  owner(path: string): { readonly gid: number; readonly mode: string } | undefined {
    const [tree, inner] = this.entry(path)
    const mode = tree.links.has(inner) ? "0777" : tree.mode(inner)
    return mode === undefined ? undefined : { gid: tree.groups.get(inner) ?? 0, mode }
  }
  /** Sets the group of the entry itself, even of a link. */
  setGroup(path: string, gid: number): void {
    const [tree, inner] = this.entry(path)
    tree.groups.set(inner, gid)
  }
  /** The entries below a directory, links included, without what is mounted below it. */
  below(path: string): ReadonlyArray<{ readonly path: string; readonly kind: "file" | "directory" | "link" }> {
    const directory = this.resolve(path)
    const [tree, inner] = this.locate(directory)
    const prefix = inner === "/" ? "/" : `${inner}/`
    const found = [
      ...[...tree.files.keys()].map((path) => ({ path, kind: "file" as const })),
      ...[...tree.directories].map((path) => ({ path, kind: "directory" as const })),
      ...[...tree.links.keys()].map((path) => ({ path, kind: "link" as const }))
    ]
    return found
      .filter((entry) => entry.path.startsWith(prefix) && entry.path !== "/")
      .map(({ path, kind }) => ({ path: `${directory}/${path.slice(prefix.length)}`, kind }))
      .filter(({ path }) => this.mountAt(path) === this.mountAt(directory) || this.isMountPoint(path))
  }

  private isMountPoint(path: string): boolean {
    return this.mounts.some(({ target }) => target === path)
  }

  /** Creates a symbolic link in place of any file or link. */
  link(path: string, leadsTo: string): void {
    this.remove(path)
    const [tree, inner] = this.entry(path)
    tree.makeDirectory(parentOf(inner))
    tree.links.set(inner, leadsTo)
  }
  /** The content of the link at the path; undefined if there is none. */
  readLink(path: string): string | undefined {
    const [tree, inner] = this.entry(path)
    return tree.links.get(inner)
  }
  /** Removes a link itself, not its target. */
  remove(path: string): void {
    const [tree, inner] = this.entry(path)
    tree.files.delete(inner)
    tree.links.delete(inner)
  }
  /** Replaces what is at `to`, even a link. */
  move(from: string, to: string): boolean {
    const [tree, inner] = this.entry(from)
    const [other, place] = this.entry(to)
    // What is on another filesystem is not renamed.
    return tree === other && tree.move(inner, place)
  }
  /** After a reboot only the root is left, without what was in memory. */
  reboot(): void {
    this.mounts = []
    const { files, directories, links } = this.root
    for (const one of [files, directories, links]) {
      for (const path of one.keys()) if (path.startsWith("/run/")) one.delete(path)
    }
  }
}

/** What the host's root is, as far as a bind of something on it shows. */
const rootMount = { source: "/dev/sda1", type: "ext4", disk: undefined } as const

/** A path below a mount, in the tree that the mount shows. */
const inside = ({ part = "", target }: Mounted, path: string): string => `${part}${path.slice(target.length)}` || "/"

/** Whether no name is left in what is left of a path. */
const isWalked = (rest: string): boolean => /^(\.?\/)*\.?$/.test(rest)
