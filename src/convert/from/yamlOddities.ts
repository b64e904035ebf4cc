import { dereference, type YamlNode } from "../../declaration/yaml/YamlNode.ts"

/** Something of YAML that has no effect, or not the one that it seems to have. */
export interface Oddity {
  readonly path: string
  readonly reason: string
  /** Of a tag that is none of YAML's. */
  readonly tag?: string
}

/**
 * Tags that are not applied, keys that are written twice in one mapping, keys that are no text, merges of what is no
 * mapping. What an alias stands for is looked at where it is written.
 */
export const yamlOddities = (node: YamlNode, path: string): ReadonlyArray<Oddity> => {
  if (node._tag === "Alias") return []
  const { tag } = node
  const isApplied = tag === undefined || tag === "!" || applied.has(tag)
  const name = (tag ?? "").replace("tag:yaml.org,2002:", "!!")
  const own: ReadonlyArray<Oddity> = isApplied
    ? []
    : [{ path, tag: name, reason: `The tag ${name} is not applied: the value counts as it is written.` }]
  if (node._tag === "Scalar") return own
  if (node._tag === "Sequence") {
    return [...own, ...node.items.flatMap((item, index) => yamlOddities(item, `${path}[${index}]`))]
  }
  const seen = new Set<string>()
  const below = node.entries.flatMap(({ key: written, value }): ReadonlyArray<Oddity> => {
    const key = dereference(written)
    if (key._tag !== "Scalar") return [{ path, reason: "One of its keys is no text, and has no meaning here." }]
    const at = keyPath(path, key.text)
    const isTwice = seen.has(key.text)
    seen.add(key.text)
    const isMerge = key.text === "<<" && key.plain
    const sources = value._tag === "Sequence" ? value.items : [value]
    const isMisfit = isMerge && sources.some((source) => dereference(source)._tag !== "Mapping")
    return [
      ...(isTwice ? [{ path: at, reason: "The key is written more than once: the last one counts." }] : []),
      ...(isMisfit ? [{ path: at, reason: "What is merged has to be a mapping." }] : []),
      ...yamlOddities(value, at)
    ]
  })
  return [...own, ...below]
}

/** What YAML reads in their way. */
const applied = new Set(
  ["str", "int", "float", "bool", "null", "seq", "map", "merge"].map((name) => `tag:yaml.org,2002:${name}`)
)

export const keyPath = (path: string, key: string): string => {
  const step = /^[\w-]+$/.test(key) || path === "" ? key : `"${key}"`
  return path === "" ? step : `${path}.${step}`
}
