import { dereference, type YamlMapping, type YamlNode, type YamlScalar, type YamlTarget } from "./YamlNode.ts"

/** A key of a mapping as it is written, and what stands under it. */
export interface KeyedValue {
  readonly key: YamlScalar
  readonly value: YamlTarget
}

/** The first entry of a mapping with this key. */
export const entryAt = ({ entries }: YamlMapping, name: string): KeyedValue | undefined => {
  for (const { key, value } of entries) {
    const written = dereference(key)
    if (written._tag === "Scalar" && written.text === name) return { key: written, value: dereference(value) }
  }
  return undefined
}

/** What stands under the keys, one inside the other. */
export const valueAt = (node: YamlNode, ...path: ReadonlyArray<string>): YamlTarget | undefined => {
  let found: YamlTarget | undefined = dereference(node)
  for (const name of path) found = found?._tag === "Mapping" ? entryAt(found, name)?.value : undefined
  return found
}
