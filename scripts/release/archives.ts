import { posix } from "node:path"

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

const block = 512

/**
 * A tar archive whose bytes follow from the entries alone: sorted, root's, and all of one time (in seconds).
 * Source: POSIX.1-2017, pax, ustar Interchange Format.
 */
export const tar = (entries: ReadonlyArray<Entry>, seconds: number, prefix = ""): Buffer => {
  const parts: Array<Uint8Array> = []
  for (const { path, bytes, mode = bytes === undefined ? 0o755 : 0o644 } of inOrder(entries)) {
    const name = `${prefix}${path}${bytes === undefined ? "/" : ""}`
    if (Buffer.byteLength(name) > 100) throw new Error(`${name} is longer than the 100 bytes that ustar has for it`)
    const header = Buffer.alloc(block)
    const octal = (value: number, at: number, width: number) =>
      header.write(value.toString(8).padStart(width - 1, "0"), at, width - 1)
    header.write(name, 0)
    octal(mode, 100, 8)
    octal(0, 108, 8)
    octal(0, 116, 8)
    octal(bytes?.length ?? 0, 124, 12)
    octal(seconds, 136, 12)
    header.write(bytes === undefined ? "5" : "0", 156)
    header.write("ustar\u000000", 257)
    header.write("root", 265)
    header.write("root", 297)
    // The sum counts its own field as spaces.
    header.fill(" ", 148, 156)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148)
    parts.push(header)
    if (bytes !== undefined) parts.push(bytes, Buffer.alloc((block - (bytes.length % block)) % block))
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * block)])
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
