import * as Result from "effect/Result"
import { textOf } from "../../workload/DeclarationText.ts"
import { Declaration } from "../DeclarationSchema.ts"
import { parseYaml } from "../yaml/parseYaml.ts"
import { type AliasBudget, yamlFields } from "../yaml/yamlFields.ts"
import { dereference, type YamlNode } from "../yaml/YamlNode.ts"
import { isNull } from "../yaml/YamlScalarValue.ts"
import { type Shape, shapeOf } from "./Shape.ts"

/** A key of a declaration that konlet ignored, and that takes effect here. */
export interface NewerKey {
  /** `spec.containers[0].ports` */
  readonly path: string
  readonly line: number
  /** What it does, as in the documents. */
  readonly description: string
}

/** What names a Pod starts no container otherwise. */
const withoutEffect: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"])

/** More than any declaration has; aliases could stand for billions. */
const maximumNodes = 20_000

/**
 * The keys of a declaration that konlet did not know: outermost ones, in the order of the schema. Only its first document
 * is read, as konlet did. None where it is no YAML.
 */
export const newerKeys = (text: string | Uint8Array): ReadonlyArray<NewerKey> => {
  const source = textOf({ text })
  const parsed = parseYaml(source)
  if (Result.isFailure(parsed) || parsed.success.root === undefined) return []
  const budget: AliasBudget = { left: maximumNodes }
  const found: Array<NewerKey> = []
  const walk = (shape: Shape, written: YamlNode, path: string): void => {
    if (--budget.left < 0) return
    const node = dereference(written)
    if (shape._tag === "List" && node._tag === "Sequence") {
      node.items.forEach((item, index) => walk(shape.item, item, `${path}[${index}]`))
    }
    if (shape._tag !== "Record" || node._tag !== "Mapping") return
    const { fields } = yamlFields(node, budget, { merge: true })
    for (const [name, field] of shape.fields) {
      const own = fields.get(name)
      if (own === undefined || (own.value._tag === "Scalar" && isNull(own.value))) continue
      const inner = path === "" ? name : `${path}.${name}`
      if (!field.newer) walk(field.shape, own.value, inner)
      else if (path !== "" || !withoutEffect.has(name)) {
        const line = source.slice(0, own.key.start).split("\n").length
        found.push({ path: inner, line, description: field.description ?? "" })
      }
    }
  }
  walk(shapeOf(Declaration), parsed.success.root, "")
  return found
}
