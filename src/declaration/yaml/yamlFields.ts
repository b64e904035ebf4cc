import { isNull } from "./YamlScalarValue.ts"
import {
  dereference,
  type Span,
  type YamlEntry,
  type YamlMapping,
  type YamlNode,
  type YamlScalar,
  type YamlTarget
} from "./YamlNode.ts"

/** A key of a mapping with its value, after merges and duplicates. */
export interface YamlField {
  readonly key: YamlScalar
  readonly value: YamlTarget
  /** Where the value was written: an alias's place, not that of what it points to. */
  readonly span: Span
  /** It was reached through an alias or a merge. */
  readonly aliased: boolean
  readonly keyOnly: boolean
  /** Earlier keys of the same name in the same mapping, which this one overrides. */
  readonly replaced: ReadonlyArray<YamlScalar>
}

export interface YamlFields {
  readonly fields: ReadonlyMap<string, YamlField>
  /** Keys that are not scalars, and values of `<<` that are not mappings. */
  readonly misfits: ReadonlyArray<{ readonly node: YamlNode; readonly expected: "a key" | "a mapping" }>
}

/** Bounds what all aliases of a text may unfold to: without it, one line can stand for billions of nodes. */
export interface AliasBudget {
  /** Nodes that may still be reached through an alias; below zero it is exceeded. */
  left: number
}

/** The deepest chain of merges; a deeper one contains itself, or is meant to exhaust the stack. */
const maximumMergeDepth = 50

interface Occurrence {
  readonly entry: YamlEntry
  readonly key: YamlScalar
  readonly inherited: boolean
}

/**
 * The fields of a mapping as Go's yaml.v2 assigns them to a struct: in the order of the text, a merge (`<<`) where it
 * stands. The last one wins; of several sources of one merge, the first. If the last values of a key are mappings, they
 * are merged in turn, because each sets only the fields that it names.
 */
export const yamlFields = (
  mapping: YamlMapping,
  budget: AliasBudget,
  { merge }: { readonly merge: boolean }
): YamlFields => {
  const occurrences = new Map<string, Array<Occurrence>>()
  const misfits: Array<YamlFields["misfits"][number]> = []

  const collect = (mapping: YamlMapping, inherited: boolean, depth: number): void => {
    for (const entry of mapping.entries) {
      if (inherited && --budget.left < 0) return
      const key = dereference(entry.key)
      if (key._tag !== "Scalar") misfits.push({ node: entry.key, expected: "a key" })
      else if (merge && isMerge(key)) mergeFrom(entry.value, depth + 1)
      else {
        const text = isNull(key) ? "" : key.text
        const occurrence = { entry, key, inherited: inherited || entry.inherited === true }
        const earlier = occurrences.get(text)
        if (earlier === undefined) occurrences.set(text, [occurrence])
        else earlier.push(occurrence)
      }
    }
  }

  const mergeFrom = (value: YamlNode, depth: number): void => {
    if (depth > maximumMergeDepth) budget.left = -1
    if (budget.left < 0) return
    const sources = value._tag === "Sequence" ? value.items.toReversed() : [value]
    for (const source of sources) {
      const node = dereference(source)
      if (node._tag === "Mapping") collect(node, true, depth)
      else misfits.push({ node: source, expected: "a mapping" })
    }
  }

  collect(mapping, false, 0)
  return { fields: new Map([...occurrences].map(([name, found]) => [name, settle(found)])), misfits }
}

const settle = (occurrences: ReadonlyArray<Occurrence>): YamlField => {
  const last = occurrences.at(-1)!
  const written = last.entry.value
  const explicit = occurrences.filter(({ inherited }) => !inherited)
  return {
    key: last.key,
    value: occurrences.length === 1 ? dereference(written) : mergeTail(occurrences),
    span: written,
    aliased: last.inherited || written._tag === "Alias",
    keyOnly: last.entry.keyOnly,
    replaced: explicit.slice(0, -1).map(({ key }) => key)
  }
}

const mergeTail = (occurrences: ReadonlyArray<Occurrence>): YamlTarget => {
  const values = occurrences.map(({ entry, inherited }) => ({ node: dereference(entry.value), inherited }))
  const reset = values.findLastIndex(({ node }) => node._tag !== "Mapping")
  const last = values.at(-1)!.node
  if (reset === values.length - 1 || last._tag !== "Mapping") return last
  const entries = values.slice(reset + 1).flatMap(({ node, inherited }) => {
    const entries = node._tag === "Mapping" ? node.entries : []
    return inherited ? entries.map((entry) => ({ ...entry, inherited })) : entries
  })
  return { ...last, entries }
}

const isMerge = (key: YamlScalar): boolean =>
  key.text === "<<" && (key.tag === undefined ? key.plain : key.tag === "tag:yaml.org,2002:merge")
