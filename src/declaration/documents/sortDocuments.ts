import { entryAt, type KeyedValue, valueAt } from "../yaml/entryAt.ts"
import { dereference, type YamlMapping, type YamlNode, type YamlScalar } from "../yaml/YamlNode.ts"
import { templateOf } from "./templates.ts"

/** The documents of a text, by what they are. */
export interface SortedDocuments {
  /** The first that is a Pod, or may be meant as one. */
  readonly pod: YamlNode | undefined
  /** What comes after it and is, or may be, one as well. */
  readonly otherPods: ReadonlyArray<OtherPod>
  readonly configMaps: ReadonlyArray<YamlNode>
  readonly secrets: ReadonlyArray<YamlNode>
  readonly others: ReadonlyArray<OtherDocument>
}

export interface OtherPod {
  readonly node: YamlNode
  /** Where its kind stands, if it names one. */
  readonly kind: WrittenKind | undefined
  /** It is one, whatever is wrong with it. */
  readonly isPod: boolean
}

/** An object of Kubernetes that is none of these. */
export interface OtherDocument extends WrittenKind {
  readonly node: YamlNode
  readonly kind: string
  /** Where it holds a Pod that it would run. */
  readonly template: string | undefined
}

interface WrittenKind {
  /** The word "kind" itself. */
  readonly key: YamlScalar
  readonly span: YamlScalar
}

/** What a text's documents, and the items of its Lists, are. What names no kind is taken for a Pod, as konlet took it. */
export const sortDocuments = (roots: ReadonlyArray<YamlNode>): SortedDocuments => {
  const pods: Array<OtherPod> = []
  const configMaps: Array<YamlNode> = []
  const secrets: Array<YamlNode> = []
  const others: Array<OtherDocument> = []
  // Aliases may make an item of one mapping very many times.
  const seen = new Map<YamlMapping, Look>()
  const look = (root: YamlMapping): Look => {
    const known = seen.get(root) ?? lookAt(root)
    seen.set(root, known)
    return known
  }
  const sort = (node: YamlNode, isItem: boolean): void => {
    const root = dereference(node)
    const { written, isPod, items, template } = root._tag === "Mapping" ? look(root) : nothing
    const kind = isPod ? "Pod" : (written?.span.text ?? "")
    if (items !== undefined && !isItem) for (const item of items) sort(item, true)
    else if (kind === "ConfigMap") configMaps.push(node)
    else if (kind === "Secret") secrets.push(node)
    else if (written !== undefined && kind !== "Pod" && isKind.test(kind)) {
      others.push({ node, kind, ...written, template })
    } else pods.push({ node, kind: written, isPod })
  }
  for (const root of roots) sort(root, false)
  const [pod, ...otherPods] = pods
  return { pod: pod?.node, otherPods, configMaps, secrets, others }
}

/** What a mapping is. */
interface Look {
  readonly written: WrittenKind | undefined
  /** Whatever it calls itself if it has containers, and whatever it has if it calls itself one. */
  readonly isPod: boolean
  /** Those of a List. */
  readonly items: ReadonlyArray<YamlNode> | undefined
  readonly template: string | undefined
}

const nothing: Look = { written: undefined, isPod: false, items: undefined, template: undefined }

const lookAt = (root: YamlMapping): Look => {
  const written = kindIn(entryAt(root, "kind"))
  const kind = written?.span.text ?? ""
  const isPod = hasContainers(root) || kind === "Pod" || (written === undefined && entryAt(root, "spec") !== undefined)
  return {
    written,
    isPod,
    items: isList(kind) && !isPod ? itemsOf(root) : undefined,
    template: templateOf(root, kind)
  }
}

/** What can be the name of a kind. */
export const isKind = /^[A-Z][A-Za-z]{1,40}$/

/** As `kubectl get` prints several objects, and as the API lists Pods. */
const isList = (kind: string): boolean => kind === "List" || kind === "PodList"

/** Whether it has containers where a Pod has them. */
export const hasContainers = (root: YamlMapping): boolean => valueAt(root, "spec", "containers") !== undefined

const kindIn = (entry: KeyedValue | undefined): WrittenKind | undefined =>
  entry?.value._tag === "Scalar" ? { key: entry.key, span: entry.value } : undefined

const itemsOf = (root: YamlMapping): ReadonlyArray<YamlNode> | undefined => {
  const items = valueAt(root, "items")
  return items?._tag === "Sequence" ? items.items : undefined
}
