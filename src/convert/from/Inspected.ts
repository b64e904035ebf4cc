import { textOf } from "./ComposeService.ts"
import type { SourceNode } from "./SourceNode.ts"
import type { Told } from "./Value.ts"

/** A part of what was inspected, by its keys. */
export class Inspected {
  readonly path: string
  readonly #node: SourceNode | undefined

  constructor(node: SourceNode | undefined, key: string) {
    this.#node = node?.get(key)
    this.path = this.#node?.path ?? key
  }

  at(key: string): SourceNode | undefined {
    return this.#node?.get(key)
  }

  /** Undefined where it is empty. */
  text(key: string): Told<string> | undefined {
    const told = textOf(this.at(key))
    return told?.value === "" ? undefined : told
  }

  texts(key: string): ReadonlyArray<Told<string>> {
    return (this.at(key)?.items ?? []).flatMap((item) => textOf(item) ?? [])
  }

  list(key: string): Told<ReadonlyArray<string>> | undefined {
    const node = this.at(key)
    return node?.kind === "list" ? { value: node.items.map(({ text }) => text ?? ""), at: node.at } : undefined
  }

  /** A list, or one text with the words of one, as Podman has had it before version 5. */
  words(key: string): Told<ReadonlyArray<string>> | undefined {
    const text = this.text(key)
    return text === undefined ? this.list(key) : { value: text.value.split(" "), at: text.at }
  }

  boolean(key: string): Told<boolean> | undefined {
    const node = this.at(key)
    return node?.boolean === undefined ? undefined : { value: node.boolean, at: node.at }
  }

  /** Undefined where it is 0 or less, which asks for nothing. */
  amount(key: string): Told<number> | undefined {
    const node = this.at(key)
    return node?.number === undefined || node.number <= 0 ? undefined : { value: node.number, at: node.at }
  }
}

/** Equal texts for equal values: null, and what is empty, are nothing. */
export const jsonOf = (node: SourceNode | undefined): string => {
  if (node === undefined || node.kind === "null") return ""
  if (node.kind === "list") return node.items.length === 0 ? "" : `[${node.items.map(jsonOf).join(",")}]`
  if (node.kind === "mapping") {
    const entries = node.entries.map(([key, value]) => `${JSON.stringify(key)}:${jsonOf(value)}`)
    return entries.length === 0 ? "" : `{${entries.toSorted().join(",")}}`
  }
  return node.text === "" ? "" : JSON.stringify(node.text)
}
