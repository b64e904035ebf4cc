import type { SourceNode } from "./SourceNode.ts"
import { From, type Value } from "./Value.ts"

/** Below these keys everything is a text, whatever YAML takes it for. */
const texts = new Set(["value", "args", "command", "data", "stringData", "labels", "annotations", "matchLabels"])

/** A value of Kubernetes as it is, each part with its place. What is null is left out. */
export const copied = (
  node: SourceNode,
  { prefix = "", isText = false }: { readonly prefix?: string; readonly isText?: boolean } = {}
): From => {
  const at = { ...node.at, path: prefix === "" ? node.path : node.path === "" ? prefix : `${prefix} ${node.path}` }
  switch (node.kind) {
    case "mapping":
      return new From(
        at,
        Object.fromEntries(
          node.entries.flatMap(([key, value]): ReadonlyArray<readonly [string, Value]> =>
            value.kind === "null" ? [] : [[key, copied(value, { prefix, isText: isText || texts.has(key) })]]
          )
        )
      )
    case "list":
      return new From(
        at,
        node.items.map((item) => copied(item, { prefix, isText }))
      )
    default:
      return new From(at, isText ? (node.text ?? "") : scalarOf(node))
  }
}

/** YAML 1.1's, as kubectl reads it: `0644` is octal, and `yes` is true. */
const scalarOf = (node: SourceNode): string | number | boolean => {
  const { text = "", number, plainBoolean } = node
  if (plainBoolean !== undefined) return plainBoolean
  // A quantity such as 1.50 is a text to Kubernetes, too.
  return number !== undefined && (String(number) === text || /^0o?[0-7]+$/.test(text)) ? number : text
}
