/** One line of the mount table, with octal escapes decoded. */
export interface Mount {
  readonly source: string
  readonly target: string
  readonly type: string
  readonly options: ReadonlyArray<string>
}

/**
 * Reads a mount table, `/proc/self/mounts`. Lines with fewer than four fields are not the kernel's and are skipped.
 * Source: proc_pid_mounts(5) and fstab(5).
 */
export const parseMountTable = (text: string): ReadonlyArray<Mount> =>
  text.split("\n").flatMap((line) => {
    const [source, target, type, options] = line.split(" ").map(unescapeField)
    return source === undefined || target === undefined || type === undefined || options === undefined
      ? []
      : [{ source, target, type, options: options.split(",") }]
  })

/** The line that the kernel shows for a mount. */
export const formatMount = ({ source, target, type, options }: Mount): string =>
  [...[source, target, type, options.join(",")].map(escape), "0", "0"].join(" ")

/** The kernel writes space, tab, line feed, backslash and `#` as a backslash and three octal digits. */
export const unescapeField = (field: string): string =>
  field.replace(/\\(040|011|012|134|043)/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

const escape = (field: string): string =>
  field.replace(/[ \t\n\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`)

/** What a tmpfs may hold, if that is not the kernel's default. The kernel writes it in KiB. */
export const tmpfsSize = ({ options }: Mount): number | undefined => {
  const [, number, unit] =
    options.map((option) => /^size=(\d+)(k?)$/.exec(option)).find((found) => found !== null) ?? []
  return number === undefined ? undefined : Number(number) * (unit === "k" ? 1024 : 1)
}

/** Whether a path is strictly below a directory: `/mnt/ab` is not below `/mnt/a`. */
export const isBelow = (path: string, directory: string): boolean =>
  path.startsWith(directory.endsWith("/") ? directory : `${directory}/`) && path !== directory

/** The mounts strictly below a directory, in the order in which they can be unmounted: last mounted first. */
export const mountsBelow = (table: ReadonlyArray<Mount>, directory: string): ReadonlyArray<Mount> =>
  table.filter((mount) => isBelow(mount.target, directory)).toReversed()

/** Whether something is mounted at a path and can be reached there: what is mounted above it later hides it. */
export const isReachable = (table: ReadonlyArray<Mount>, path: string): boolean => {
  const at = table.findLastIndex(({ target }) => target === path)
  return at !== -1 && !table.slice(at + 1).some(({ target }) => isBelow(path, target))
}
