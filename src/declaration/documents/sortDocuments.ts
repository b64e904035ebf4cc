import { dereference, type YamlMapping, type YamlNode, type YamlScalar } from "../yaml/YamlNode.ts"

/** The documents of a text, by what they are. */
export interface SortedDocuments {
  /** The first that is a Pod, or may be meant as one. */
  readonly pod: YamlNode | undefined
  /** Pods after it. */
  readonly otherPods: ReadonlyArray<YamlNode>
  readonly configMaps: ReadonlyArray<YamlNode>
  readonly secrets: ReadonlyArray<YamlNode>
  readonly others: ReadonlyArray<OtherDocument>
}

/** An object of Kubernetes that is none of these. */
export interface OtherDocument {
  readonly node: YamlNode
  readonly kind: string
  /** Where its kind stands. */
  readonly span: YamlScalar
}

/** What a text's documents, and the items of its Lists, are. What names no kind is taken for a Pod, as konlet took it. */
export const sortDocuments = (roots: ReadonlyArray<YamlNode>): SortedDocuments => {
  const pods: Array<YamlNode> = []
  const configMaps: Array<YamlNode> = []
  const secrets: Array<YamlNode> = []
  const others: Array<OtherDocument> = []
  // Aliases may make an item of one mapping very many times.
  const kinds = new Map<YamlMapping, YamlScalar | undefined>()
  const kindOf = (root: YamlMapping): YamlScalar | undefined => {
    if (!kinds.has(root)) kinds.set(root, hasContainers(root) ? undefined : kindIn(root))
    return kinds.get(root)
  }
  const sort = (node: YamlNode, isItem: boolean): void => {
    const root = dereference(node)
    const kind = root._tag === "Mapping" ? kindOf(root) : undefined
    const items = root._tag === "Mapping" && kind?.text === "List" && !isItem ? itemsOf(root) : undefined
    if (items !== undefined) for (const item of items) sort(item, true)
    else if (kind?.text === "ConfigMap") configMaps.push(node)
    else if (kind?.text === "Secret") secrets.push(node)
    else if (kind !== undefined && isKind.test(kind.text) && kind.text !== "Pod") {
      others.push({ node, kind: kind.text, span: kind })
    } else pods.push(node)
  }
  for (const root of roots) sort(root, false)
  const [pod, ...otherPods] = pods
  return { pod, otherPods, configMaps, secrets, others }
}

/** What can be the name of a kind. */
const isKind = /^[A-Z][A-Za-z]{1,40}$/

/** Whether it has containers where a Pod has them. */
export const hasContainers = (root: YamlMapping): boolean => {
  const spec = valueAt(root, "spec")
  return spec?._tag === "Mapping" && valueAt(spec, "containers") !== undefined
}

const kindIn = (root: YamlMapping): YamlScalar | undefined => {
  const kind = valueAt(root, "kind")
  return kind?._tag === "Scalar" ? kind : undefined
}

const itemsOf = (root: YamlMapping): ReadonlyArray<YamlNode> | undefined => {
  const items = valueAt(root, "items")
  return items?._tag === "Sequence" ? items.items : undefined
}

const valueAt = ({ entries }: YamlMapping, name: string) => {
  for (const { key, value } of entries) {
    const written = dereference(key)
    if (written._tag === "Scalar" && written.text === name) return dereference(value)
  }
  return undefined
}
