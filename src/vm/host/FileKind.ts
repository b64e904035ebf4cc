/** What is at a path, links followed. A fifo is `Other`. */
export type FileKind = "Directory" | "File" | "Socket" | "CharDevice" | "BlockDevice" | "Other"

/** By the words of Effect's FileSystem and of stat(1). */
export const kinds: ReadonlyMap<string, FileKind> = new Map([
  ["Directory", "Directory"],
  ["directory", "Directory"],
  ["File", "File"],
  ["regular file", "File"],
  ["regular empty file", "File"],
  ["Socket", "Socket"],
  ["socket", "Socket"],
  ["CharacterDevice", "CharDevice"],
  ["character special file", "CharDevice"],
  ["BlockDevice", "BlockDevice"],
  ["block special file", "BlockDevice"]
])
