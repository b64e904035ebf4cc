import { nearest } from "../../text/nearest.ts"
import { entryAt, type KeyedValue, valueAt } from "../yaml/entryAt.ts"
import { dereference, type YamlMapping, type YamlNode, type YamlScalar, type YamlTarget } from "../yaml/YamlNode.ts"
import { isNull } from "../yaml/YamlScalarValue.ts"
import { isList, kindWord, misspeltKind } from "./kinds.ts"
import { templateOf } from "./templates.ts"

/** The documents of a text, by what they are. */
export interface SortedDocuments {
  /** The first that is a Pod, or may be meant as one. */
  readonly pod: YamlNode | undefined
  /** What is, or may be, one as well. */
  readonly otherPods: ReadonlyArray<OtherPod>
  readonly configMaps: ReadonlyArray<YamlNode>
  readonly secrets: ReadonlyArray<YamlNode>
  readonly others: ReadonlyArray<OtherDocument>
  /** Nothing is read of these, unless it is the Pod. */
  readonly misspelt: ReadonlyArray<MisspeltKind>
  /** What a List has that is no object. */
  readonly misfits: ReadonlyArray<ListMisfit>
}

export interface OtherPod {
  readonly node: YamlNode
  /** Where its kind stands, if it names one. */
  readonly kind: WrittenKind | undefined
  /** It is one, whatever is wrong with it. */
  readonly isPod: boolean
  /** What it has that a ConfigMap or a Secret has, if it names no kind. */
  readonly values: NamelessValues | undefined
}

/** `data` of an object whose kind is missing. */
export interface NamelessValues {
  readonly key: YamlScalar
  /** The key that is likely to be meant as "kind". */
  readonly misspelt: YamlScalar | undefined
}

/** An object of Kubernetes that is none of these. */
export interface OtherDocument extends WrittenKind {
  readonly node: YamlNode
  readonly kind: string
  /** Where it holds a Pod that it would run. */
  readonly template: string | undefined
}

export interface MisspeltKind extends WrittenKind {
  readonly node: YamlNode
  /** The kind that is likely to be meant. */
  readonly meant: string
}

export interface ListMisfit {
  /** As in `items[0]`. */
  readonly path: string
  /** Undefined if it is not written. */
  readonly node: YamlTarget | undefined
  readonly span: YamlNode
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
  const misspelt: Array<MisspeltKind> = []
  const misfits: Array<ListMisfit> = []
  // Aliases may make an item of one mapping very many times.
  const seen = new Map<YamlMapping, Look>()
  const look = (root: YamlMapping): Look => {
    const known = seen.get(root) ?? lookAt(root)
    seen.set(root, known)
    return known
  }
  const sort = (node: YamlNode, item?: string): void => {
    const root = dereference(node)
    if (item !== undefined && root._tag !== "Mapping") {
      misfits.push({ path: item, node: root, span: node })
      return
    }
    const { written, kind, meant, isPod, items, template, values } = root._tag === "Mapping" ? look(root) : nothing
    if (items !== undefined && item === undefined) sortItems(items)
    else if (written !== undefined && meant !== undefined) {
      misspelt.push({ node, ...written, meant })
      if (meant === "Pod" && pods.length === 0) pods.push({ node, kind: written, isPod: true, values: undefined })
    } else if (kind === "ConfigMap") configMaps.push(node)
    else if (kind === "Secret") secrets.push(node)
    else if (written !== undefined && kind !== "Pod" && kindWord.test(kind)) {
      others.push({ node, kind, ...written, template })
    } else pods.push({ node, kind: written, isPod, values })
  }
  const sortItems = ({ items, misfit }: Items): void => {
    for (const [index, item] of items.entries()) sort(item, `items[${index}]`)
    if (misfit !== undefined) misfits.push(misfit)
  }
  for (const root of roots) sort(root)
  const pod = pods.find(({ values }) => values === undefined) ?? pods[0]
  const otherPods = pods.filter((other) => other !== pod)
  return { pod: pod?.node, otherPods, configMaps, secrets, others, misspelt, misfits }
}

/** What a mapping is. */
interface Look {
  readonly written: WrittenKind | undefined
  /** As it is written, or as it is meant where that would run a Pod. */
  readonly kind: string
  /** What it is likely to be a misspelling of, of the kinds that are read. */
  readonly meant: string | undefined
  /** Whatever it calls itself if it has containers, and whatever it has if it calls itself one. */
  readonly isPod: boolean
  /** Those of a List. */
  readonly items: Items | undefined
  readonly template: string | undefined
  readonly values: NamelessValues | undefined
}

interface Items {
  readonly items: ReadonlyArray<YamlNode>
  /** Where they should be. */
  readonly misfit: ListMisfit | undefined
}

const nothing: Look = {
  written: undefined,
  kind: "",
  meant: undefined,
  isPod: false,
  items: undefined,
  template: undefined,
  values: undefined
}

const lookAt = (root: YamlMapping): Look => {
  const written = kindIn(entryAt(root, "kind"))
  const word = written?.span.text ?? ""
  const isPod = hasContainers(root) || word === "Pod" || (written === undefined && entryAt(root, "spec") !== undefined)
  const near = isPod ? undefined : misspeltKind(word)
  const template = templateOf(root, near ?? word)
  const kind = isPod ? "Pod" : template === undefined ? word : (near ?? word)
  return {
    written,
    kind,
    meant: template === undefined ? near : undefined,
    isPod,
    items: isList(word) && !isPod ? itemsOf(root, written) : undefined,
    template,
    values: written === undefined && !isPod ? valuesIn(root) : undefined
  }
}

/** Whether it has containers where a Pod has them. */
export const hasContainers = (root: YamlMapping): boolean => valueAt(root, "spec", "containers") !== undefined

/** One that is null names none. */
const kindIn = (entry: KeyedValue | undefined): WrittenKind | undefined =>
  entry?.value._tag === "Scalar" && !isNull(entry.value) ? { key: entry.key, span: entry.value } : undefined

const itemsOf = (root: YamlMapping, written: WrittenKind | undefined): Items => {
  const entry = entryAt(root, "items")
  const value = entry?.value
  if (value?._tag === "Sequence") return { items: value.items, misfit: undefined }
  if (value?._tag === "Scalar" && isNull(value)) return { items: [], misfit: undefined }
  return { items: [], misfit: { path: "items", node: value, span: entry?.value ?? written?.span ?? root } }
}

/** Only what has something else of an object of Kubernetes is likely to be one. */
const valuesIn = (root: YamlMapping): NamelessValues | undefined => {
  if (entryAt(root, "apiVersion") === undefined && entryAt(root, "metadata") === undefined) return undefined
  const found = ["data", "stringData", "binaryData"].flatMap((name) => entryAt(root, name) ?? [])
  const entry = found.find(({ value }) => value._tag === "Mapping")
  return entry && { key: entry.key, misspelt: keyLikeKind(root) }
}

const keyLikeKind = ({ entries }: YamlMapping): YamlScalar | undefined =>
  entries
    .map(({ key }) => dereference(key))
    .find(
      (key): key is YamlScalar => key._tag === "Scalar" && key.text !== "kind" && nearest(key.text, ["kind"]) === "kind"
    )
