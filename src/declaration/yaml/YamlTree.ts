import { isAlias, isMap, isScalar, type Node, type YAMLMap, type YAMLSeq } from "yaml"
import { unescapeQuotes } from "./escapedQuotes.ts"
import type { YamlEntry, YamlMapping, YamlNode, YamlScalar, YamlSequence, YamlTarget } from "./YamlNode.ts"

/** Converts the parser's nodes in the order of the text, so that an alias finds the last anchor before it. */
export class YamlTree {
  readonly #scalars: Array<YamlScalar>
  unknownAlias: number | undefined
  readonly #text: string
  readonly #anchors = new Map<string, YamlTarget>()

  constructor(text: string, scalars: Array<YamlScalar>) {
    this.#text = text
    this.#scalars = scalars
  }

  convert(node: Node): YamlNode {
    const [start, end] = node.range ?? [0, 0]
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source)
      if (target === undefined) this.unknownAlias ??= start
      return target === undefined ? this.#scalar({ start, end }) : { _tag: "Alias", target, start, end }
    }
    if (isScalar(node)) {
      const scalar = this.#scalar({
        text:
          (node.type === "QUOTE_DOUBLE" ? unescapeQuotes(this.#text.slice(start, end)) : undefined) ??
          node.source ??
          "",
        plain: node.type === "PLAIN",
        tag: node.tag,
        start,
        end
      })
      return this.#anchored(node, scalar)
    }
    if (isMap(node)) {
      const entries: Array<YamlEntry> = []
      const mapping = this.#anchored<YamlMapping>(node, { _tag: "Mapping", entries, tag: node.tag, start, end })
      for (const pair of (node as YAMLMap<Node, Node | null>).items) {
        const key = this.convert(pair.key)
        const value = pair.value === null ? this.#scalar({ start: key.end, end: key.end }) : this.convert(pair.value)
        entries.push({ key, value, keyOnly: pair.value === null })
      }
      return mapping
    }
    const items: Array<YamlNode> = []
    const sequence = this.#anchored<YamlSequence>(node, { _tag: "Sequence", items, tag: node.tag, start, end })
    for (const item of (node as YAMLSeq<Node>).items) items.push(this.convert(item))
    return sequence
  }

  #anchored<A extends YamlTarget>(node: { readonly anchor?: string }, converted: A): A {
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, converted)
    return converted
  }

  /** On the same line, with no space after the "#". A scalar without text begins where its comment does. */
  #commentBehind(end: number): number | undefined {
    const behind = /[ \t]*(?=#[^\s#])/y
    behind.lastIndex = end
    if (!behind.test(this.#text)) return undefined
    let before = behind.lastIndex - 1
    while (this.#text[before] === " " || this.#text[before] === "\t") before--
    const isBehindWhiteSpace = before < behind.lastIndex - 1
    return isBehindWhiteSpace && !/[\r\n]/.test(this.#text[before] ?? "\n") ? behind.lastIndex : undefined
  }

  /** Without text: the value that is missing in `key:`. */
  #scalar(fields: Partial<YamlScalar> & Pick<YamlScalar, "start" | "end">): YamlScalar {
    const plain = fields.plain ?? true
    const cutAt = plain ? this.#commentBehind(fields.end) : undefined
    const scalar: YamlScalar = { _tag: "Scalar", text: "", tag: undefined, ...fields, plain, cutAt }
    this.#scalars.push(scalar)
    return scalar
  }
}
