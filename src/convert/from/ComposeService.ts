import type { Losses } from "../Losses.ts"
import type { SourceNode } from "./SourceNode.ts"
import type { Told } from "./Value.ts"

/** A service, with what it extends: what the later layers say goes before what the earlier ones say. */
export class ComposeService {
  readonly name: string
  /** Its own is the last. */
  readonly layers: ReadonlyArray<SourceNode>

  readonly #losses: Losses

  constructor(name: string, layers: ReadonlyArray<SourceNode>, losses: Losses) {
    this.name = name
    this.layers = layers
    this.#losses = losses
  }

  get own(): SourceNode {
    return this.layers.at(-1)!
  }

  /**
   * Each layer's value that counts, in order. One that is null says nothing; `!reset` and `!override` end the earlier
   * ones.
   */
  all(...keys: ReadonlyArray<string>): ReadonlyArray<SourceNode> {
    const replaces = (layer: SourceNode) =>
      keys.some((_, index) => layer.get(...keys.slice(0, index + 1))?.replaces === true)
    return this.layers.slice(Math.max(this.layers.findLastIndex(replaces), 0)).flatMap((layer) => {
      const found = layer.get(...keys)
      return found === undefined || found.kind === "null" ? [] : [found]
    })
  }

  /** The value that counts. */
  one(...keys: ReadonlyArray<string>): SourceNode | undefined {
    return this.all(...keys).at(-1)
  }

  text(...keys: ReadonlyArray<string>): Told<string> | undefined {
    return this.#told(this.one(...keys))
  }

  boolean(...keys: ReadonlyArray<string>): Told<boolean> | undefined {
    const node = this.one(...keys)
    if (node === undefined) return undefined
    if (node.boolean === undefined) this.#losses.add(node.path, "It has to be true or false.")
    return node.boolean === undefined ? undefined : { value: node.boolean, at: node.at }
  }

  /** One text, or the texts of a list, of all layers. */
  texts(...keys: ReadonlyArray<string>): ReadonlyArray<Told<string>> {
    return this.all(...keys).flatMap((node) =>
      (node.kind === "list" ? node.items : [node]).flatMap((item) => this.#told(item) ?? [])
    )
  }

  #told(node: SourceNode | undefined): Told<string> | undefined {
    if (node === undefined) return undefined
    if (node.text === undefined) this.#losses.add(node.path, "It has to be a text.")
    return textOf(node)
  }

  /**
   * Pairs of a mapping, or of a list of `NAME=value`. Of one name the last counts. Without a value where none is written.
   */
  pairs(...keys: ReadonlyArray<string>): ReadonlyArray<Told<Pair>> {
    const found = new Map<string, Told<Pair>>()
    for (const node of this.all(...keys)) {
      if (node.kind === "text") this.#losses.add(node.path, "It has to be a mapping, or a list.")
      for (const pair of pairsOf(node, this.#losses)) {
        found.delete(pair.value.name)
        if (pair.value.isReset !== true) found.set(pair.value.name, pair)
      }
    }
    return [...found.values()]
  }
}

export interface Pair {
  readonly name: string
  readonly value: string | undefined
  /** It takes back what an earlier layer says. */
  readonly isReset?: boolean
}

export const textOf = (node: SourceNode | undefined): Told<string> | undefined =>
  node?.text === undefined ? undefined : { value: node.text, at: node.at }

const pairsOf = (node: SourceNode, losses: Losses): ReadonlyArray<Told<Pair>> =>
  node.kind === "mapping"
    ? node.entries.flatMap(([name, value]) => {
        const isText = value.kind === "text" || value.kind === "null"
        if (!isText) losses.add(value.path, "It has to be a text.")
        return isText
          ? [{ value: { name, value: value.goText, isReset: value.replaces && value.kind === "null" }, at: value.at }]
          : []
      })
    : node.items.flatMap((item) => {
        const { text } = item
        if (text === undefined || text === "") losses.add(item.path, "It has to be a text, as in NAME=value.")
        const [, name = text ?? "", value] = /^([^=]*)=([^]*)$/.exec(text ?? "") ?? []
        // What a variable stands for may be a secret.
        const isOpen = item.written?.startsWith(name) === true
        const at = isOpen ? { ...item.at, path: `${node.path}.${name}` } : item.at
        return name === "" ? [] : [{ value: { name, value }, at }]
      })
