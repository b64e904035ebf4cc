/** What the header of a tar entry says. */
export interface TarEntry {
  /** At most 100 bytes; of a directory it ends with a slash. */
  readonly name: string
  readonly mode: number
  /** In bytes; of a directory 0. */
  readonly size: number
  readonly isDirectory?: boolean
  /** The time of its last change, in seconds since the epoch. */
  readonly seconds?: number
  /** The name of its user and group, whose numbers are 0; empty says none. */
  readonly owner?: string
}

export const tarBlock = 512

/** One block. Source: POSIX.1-2017, pax, ustar Interchange Format. */
export const tarHeader = ({ name, mode, size, isDirectory = false, seconds = 0, owner = "" }: TarEntry): Uint8Array => {
  const bytes = new Uint8Array(tarBlock)
  const write = (offset: number, text: string) => void bytes.set(new TextEncoder().encode(text), offset)
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, "0")
  write(0, name)
  write(100, octal(mode, 7))
  write(108, octal(0, 7)) // uid
  write(116, octal(0, 7)) // gid
  write(124, octal(size, 11))
  write(136, octal(seconds, 11))
  write(148, " ".repeat(8)) // checksum, which is summed as spaces
  write(156, isDirectory ? "5" : "0")
  write(257, "ustar\0".concat("00")) // magic and version
  write(265, owner)
  write(297, owner)
  const checksum = bytes.reduce((sum, byte) => sum + byte, 0)
  write(148, `${octal(checksum, 6)}\0 `)
  return bytes
}
