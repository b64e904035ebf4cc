import { posix } from "node:path"
import { tarBlock, tarHeader } from "../../src/vm/engine/tarHeader.ts"

/** What an archive holds of one file, or of one directory if it has no bytes. */
export interface Entry {
  /** Relative, without a leading `./`. */
  readonly path: string
  readonly bytes?: Uint8Array
  /** 0644 for a file, unless it is said. */
  readonly mode?: number
}

/** Directories of the entries that are no entries themselves, before what is in them, and all in order of their names. */
const inOrder = (entries: ReadonlyArray<Entry>): ReadonlyArray<Entry> => {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]))
  for (const { path } of entries) {
    for (let above = posix.dirname(path); above !== "."; above = posix.dirname(above)) {
      if (!byPath.has(above)) byPath.set(above, { path: above })
    }
  }
  return [...byPath.values()].toSorted((one, other) => (one.path < other.path ? -1 : 1))
}

/** A tar archive whose bytes follow from the entries alone: sorted, root's, and all of one time (in seconds). */
export const tar = (entries: ReadonlyArray<Entry>, seconds: number, prefix = ""): Buffer => {
  const parts: Array<Uint8Array> = []
  for (const { path, bytes, mode = bytes === undefined ? 0o755 : 0o644 } of inOrder(entries)) {
    const isDirectory = bytes === undefined
    const name = `${prefix}${path}${isDirectory ? "/" : ""}`
    if (Buffer.byteLength(name) > 100) throw new Error(`${name} is longer than the 100 bytes that ustar has for it`)
    const size = bytes?.length ?? 0
    parts.push(tarHeader({ name, mode, size, isDirectory, seconds, owner: "root" }))
    if (bytes !== undefined) parts.push(bytes, Buffer.alloc((tarBlock - (size % tarBlock)) % tarBlock))
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * tarBlock)])
}

/** An ar archive, in the order that is given, of one time (in seconds). Source: deb(5), ar(5). */
export const ar = (members: ReadonlyArray<{ readonly name: string; readonly bytes: Uint8Array }>, seconds: number) =>
  Buffer.concat([
    Buffer.from("!<arch>\n"),
    ...members.flatMap(({ name, bytes }) => [
      Buffer.from(
        `${name.padEnd(16)}${String(seconds).padEnd(12)}${"0".padEnd(6)}${"0".padEnd(6)}${"100644".padEnd(8)}${String(bytes.length).padEnd(10)}\`\n`
      ),
      bytes,
      Buffer.from("\n".repeat(bytes.length % 2))
    ])
  ])
