import { bytesOf } from "./dockerUnits.ts"
import type { DockerMount } from "./DockerContainer.ts"

/** A mount, and what of it is not carried over. Undefined mount: none that could be read. */
export interface ReadMount {
  readonly mount: DockerMount | undefined
  /** Each a sentence. */
  readonly losses: ReadonlyArray<string>
}

const malformed = (why: string): ReadMount => ({ mount: undefined, losses: [why] })

/** `[source:]target[:options]` */
export const parseVolume = (text: string): ReadMount => {
  const parts = text.split(":")
  const [first = "", second, options = ""] = parts
  if (parts.length > 3 || first === "")
    return malformed("It is none of Docker's volumes: write source:target, or source:target:ro.")
  if (second === undefined) return volumeWith({ kind: "volume", name: undefined, target: first }, [])
  const words = options === "" ? [] : options.split(",")
  // What begins like a path is one; anything else is a volume's name.
  if (/^[./~$]/.test(first)) return volumeWith({ kind: "bind", source: first, target: second }, words)
  return volumeWith({ kind: "volume", name: first, target: second }, words)
}

const volumeWith = (
  mount:
    | { readonly kind: "bind"; readonly source: string; readonly target: string }
    | { readonly kind: "volume"; readonly name: string | undefined; readonly target: string },
  options: ReadonlyArray<string>
): ReadMount => {
  const losses: Array<string> = []
  let readOnly = false
  let propagation: string | undefined
  for (const option of options) {
    if (option === "ro" || option === "readonly") readOnly = true
    else if (/^r?(?:shared|slave|private)$/.test(option)) propagation = option
    else if (option === "z" || option === "Z")
      losses.push(`"${option}" relabels files for SELinux, which nothing here does.`)
    // Nothing of the image is ever copied, so that nocopy holds anyway.
    else if (!["rw", "nocopy", ""].includes(option)) losses.push(`No field of a declaration says "${option}".`)
  }
  return { mount: { ...mount, readOnly, ...(mount.kind === "bind" ? { propagation } : {}) }, losses }
}

/** `type=bind,source=…,target=…`: comma-separated values, of which each may be in quotes. */
export const parseMount = (text: string): ReadMount => {
  const fields = csv(text)
  const losses: Array<string> = []
  const known = new Map<string, string>()
  for (const field of fields) {
    const [, key = field, value = "true"] = /^([^=]+)=([^]*)$/.exec(field) ?? []
    known.set(names.get(key.toLowerCase()) ?? key.toLowerCase(), value)
  }
  const take = (key: string): string | undefined => {
    const value = known.get(key)
    known.delete(key)
    return value
  }
  const type = take("type") ?? "volume"
  const source = take("source")
  const target = take("target")
  const readOnly = isTrue(take("readonly"))
  if (target === undefined) return malformed('It has no target: write "target=" with the path in the container.')
  const made = mountOf(type, { source, target, readOnly, take, losses })
  for (const [key, value] of known) {
    if (!(key === "consistency" || (key === "volume-nocopy" && isTrue(value))))
      losses.push(`No field of a declaration says "${key}".`)
  }
  return { mount: made, losses }
}

interface Reading {
  readonly source: string | undefined
  readonly target: string
  readonly readOnly: boolean
  readonly take: (key: string) => string | undefined
  readonly losses: Array<string>
}

const mountOf = (type: string, { source, target, readOnly, take, losses }: Reading): DockerMount | undefined => {
  switch (type) {
    case "bind": {
      const propagation = take("bind-propagation")
      const recursion = take("bind-recursive") ?? "enabled"
      if (isTrue(take("bind-nonrecursive")) || recursion === "disabled") {
        losses.push("What is mounted below the path on the host is there in the container as well.")
      }
      take("bind-create-src")
      const recursive = recursion === "readonly" || recursion === "writable" ? recursion : undefined
      return { kind: "bind", source: source ?? "", target, readOnly, propagation, recursive }
    }
    case "volume":
      return { kind: "volume", name: source, target, readOnly, subPath: take("volume-subpath") }
    case "tmpfs": {
      const size = take("tmpfs-size")
      const bytes = size === undefined ? undefined : bytesOf(size)
      if (size !== undefined && bytes === undefined)
        losses.push("Its size is none that Docker takes: write it as in 64m.")
      const mode = take("tmpfs-mode")
      if (mode !== undefined && !/^0*1777$/.test(mode))
        losses.push("Its mode is not carried over: it is 1777, open to all.")
      return { kind: "tmpfs", target, readOnly, size: bytes }
    }
    case "image":
      return { kind: "image", image: source ?? "", target, readOnly: true, subPath: take("image-subpath") }
    default:
      losses.push(`No volume of a declaration is of type "${type}".`)
      return undefined
  }
}

const names: ReadonlyMap<string, string> = new Map([
  ["src", "source"],
  ["dst", "target"],
  ["destination", "target"],
  ["ro", "readonly"]
])

const isTrue = (text: string | undefined): boolean => text !== undefined && /^(?:1|t|true)$/i.test(text)

/** As Go's encoding/csv reads one line. */
const csv = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), ([, inQuotes, plain = ""]) =>
    inQuotes === undefined ? plain : inQuotes.replaceAll('""', '"')
  )

/** `target[:options]`, options as mount(8) has them. */
export const parseTmpfs = (text: string): ReadMount => {
  const [, target = "", options = ""] = /^([^:]*)(?::([^]*))?$/.exec(text) ?? []
  const losses: Array<string> = []
  let size: number | undefined
  let readOnly = false
  for (const option of options === "" ? [] : options.split(",")) {
    const [name = "", value = ""] = option.split("=")
    if (name === "size") {
      size = bytesOf(value)
      if (size === undefined) losses.push("Its size is none that is carried over: write it as in 64m.")
    } else if (name === "ro") readOnly = true
    // What a tmpfs of an emptyDir has too: its mode is 1777.
    else if (!["rw", "exec", "suid", "dev"].includes(name) && !/^mode=0*1777$/.test(option)) {
      losses.push(`Its option "${name}" is not carried over: the tmpfs of an emptyDir has none.`)
    }
  }
  return { mount: { kind: "tmpfs", target, readOnly, size }, losses }
}
