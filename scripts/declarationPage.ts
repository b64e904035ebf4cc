import { Declaration } from "../src/declaration/DeclarationSchema.ts"
import type { Fate } from "../src/declaration/keys/Fate.ts"
import { fates } from "../src/declaration/keys/KubernetesKeys.ts"
import { type FieldShape, type RecordShape, recordsOf, type Shape, shapeOf } from "../src/declaration/keys/Shape.ts"
import { ConfigMapSchema, SecretSchema } from "../src/declaration/schema/ConfigSchema.ts"
import { anchorOf, code, table } from "./markdown.ts"

/** A mapping with more keys, those of its own mappings included, has a section of its own. */
const maximumKeys = 8

/** The same of one that stands in several places. */
const maximumRepeated = 4

const itemOf = (shape: Shape): Shape => (shape._tag === "List" ? shape.item : shape)

const recordOf = ({ shape }: Pick<FieldShape, "shape">): RecordShape | undefined => {
  const item = itemOf(shape)
  return item._tag === "Record" ? item : undefined
}

const countKeys = (record: RecordShape): number =>
  [...record.fields.values()]
    .map((field) => recordOf(field))
    .reduce((sum, inner) => {
      return sum + 1 + (inner === undefined ? 0 : countKeys(inner))
    }, 0)

/** A Pod, and what may stand beside it. */
const roots = [Declaration, ConfigMapSchema, SecretSchema].flatMap(
  (schema) => recordOf({ shape: shapeOf(schema) }) ?? []
)
const [declaration] = roots
const records: ReadonlyMap<string, RecordShape> = new Map(
  roots.flatMap(recordsOf).map((record) => [record.title, record])
)

/** The keys whose value is a mapping of this title. */
const placesOf = (title: string): number =>
  [...records.values()].flatMap(({ fields }) =>
    [...fields.values()].filter((field) => recordOf(field)?.title === title)
  ).length

const isApart = (record: RecordShape): boolean =>
  countKeys(record) > (placesOf(record.title) > 1 ? maximumRepeated : maximumKeys)

const headings: Readonly<Record<string, string>> = { '"spec"': "The Pod", '"metadata"': "The metadata" }
const headingOf = ({ title }: RecordShape): string => headings[title] ?? title[0]!.toUpperCase() + title.slice(1)

const rowsOf = (record: RecordShape, path = ""): ReadonlyArray<ReadonlyArray<string>> =>
  [...record.fields].flatMap(([key, field]) => {
    const name = `${path}${key}${field.shape._tag === "List" ? "[]" : ""}`
    const inner = recordOf(field)
    const description = field.description ?? ""
    if (inner === undefined) return [[code(name), description]]
    if (!isApart(inner)) return [[code(name), description], ...rowsOf(inner, `${name}.`)]
    return [[code(name), `${description} See [${inner.title}](#${anchorOf(headingOf(inner))}).`]]
  })

/** A section for each mapping that has one, outermost first: what works. */
export const keySections: string = [...records.values()]
  .filter((record) => record !== declaration && (record.title in headings || roots.includes(record) || isApart(record)))
  .map((record) => `## ${headingOf(record)}\n\n${table(["key", "meaning"], rowsOf(record))}`)
  .join("\n\n")

/** Those of one mapping that share a fate stand together. */
const rowsOfFates = <Tag extends Fate["_tag"]>(
  tag: Tag,
  says: (fate: Extract<Fate, { readonly _tag: Tag }>) => ReadonlyArray<string>
): ReadonlyArray<ReadonlyArray<string>> => {
  const rows = new Map<
    string,
    { readonly title: string; readonly said: ReadonlyArray<string>; readonly keys: Array<string> }
  >()
  for (const [title, ofMapping] of fates) {
    for (const [key, fate] of ofMapping) {
      if (fate._tag !== tag || !records.has(title)) continue
      const said = says(fate as Extract<Fate, { readonly _tag: Tag }>)
      const id = JSON.stringify([title, said])
      const row = rows.get(id) ?? { title, said, keys: [] }
      rows.set(id, row)
      row.keys.push(code(key))
    }
  }
  return [...rows.values()].map(({ title, said, keys }) => [title, keys.join(", "), ...said])
}

/** What has another fate than to work. */
export const fateSections: string = [
  "## No meaning on one VM",
  "A warning each; they are ignored.",
  table(
    ["in", "key", "why"],
    rowsOfFates("Meaningless", ({ why }) => [why])
  ),
  "## Refused",
  "A problem each; under `gce-container-declaration` a warning, as konlet ignored them.",
  table(
    ["in", "key", "why", "instead"],
    rowsOfFates("Refused", ({ why, advice }) => [why, advice])
  )
].join("\n\n")
