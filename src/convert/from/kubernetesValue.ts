import { Declaration } from "../../declaration/DeclarationSchema.ts"
import { type Shape, shapeOf } from "../../declaration/keys/Shape.ts"
import type { SourceNode } from "./SourceNode.ts"
import { From, type Value } from "./Value.ts"

/**
 * A value of Kubernetes as it is, each part with its place. What is null is left out. Where a declaration has a text, the
 * scalar's own is kept, whatever YAML takes it for: `N` and `0777` are names as good as others.
 */
export const copied = (
  node: SourceNode,
  shape: Shape | undefined,
  { prefix = "", isAmount = false }: { readonly prefix?: string; readonly isAmount?: boolean } = {}
): From => {
  const at = { ...node.at, path: prefix === "" ? node.path : node.path === "" ? prefix : `${prefix} ${node.path}` }
  switch (node.kind) {
    case "mapping":
      return new From(
        at,
        Object.fromEntries(
          node.entries.flatMap(([key, value]): ReadonlyArray<readonly [string, Value]> => {
            const below = { prefix, isAmount: isAmount || amounts.has(key) }
            return value.kind === "null" ? [] : [[key, copied(value, shapeBelow(shape, key), below)]]
          })
        )
      )
    case "list": {
      const item = shape?._tag === "List" ? shape.item : undefined
      return new From(
        at,
        node.items.map((one) => copied(one, item, { prefix, isAmount }))
      )
    }
    default:
      return new From(at, scalarOf(node, shape?._tag === "Text", isAmount))
  }
}

const shapeBelow = (shape: Shape | undefined, key: string): Shape | undefined =>
  shape?._tag === "Record" ? shape.fields.get(key)?.shape : shape?._tag === "Map" ? shape.value : undefined

/** What a declaration's Pod has below these keys, through lists; undefined where it knows no such key. */
export const podShape = (...keys: ReadonlyArray<string>): Shape | undefined => {
  let found: Shape | undefined = shapeOf(Declaration)
  for (const key of keys) found = shapeBelow(found?._tag === "List" ? found.item : found, key)
  return found
}

/** What an item of a list of the Pod's spec has. */
export const itemShape = (list: "containers" | "volumes"): Shape | undefined => {
  const found = podShape("spec", list)
  return found?._tag === "List" ? found.item : undefined
}

/** Below these keys a number is as good as its text: quantities, and ports that may be names. */
const amounts = new Set(["limits", "requests", "sizeLimit", "divisor", "port"])

/** YAML 1.1's, as kubectl reads it: `0644` is octal, and `yes` is true. */
const scalarOf = (node: SourceNode, isText: boolean, isAmount: boolean): string | number | boolean => {
  const { text = "", number, plainBoolean } = node
  if (isText) return isAmount && number !== undefined && String(number) === text ? number : text
  if (plainBoolean !== undefined) return plainBoolean
  return number !== undefined && (String(number) === text || /^0o?[0-7]+$/.test(text)) ? number : text
}
