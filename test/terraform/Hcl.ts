import { readdirSync, readFileSync } from "node:fs"
import { getReferencesInExpression, parse } from "@cdktn/hcl2json"

/** A folder with Terraform files, as its JSON syntax has them: blocks by their type, their labels, and then in a list. */
export interface Folder {
  readonly blocks: Blocks
  /** What its expressions refer to: `var.project`, `data.google_compute_image.cos.name`. */
  readonly references: ReadonlyArray<string>
}
export type Blocks = Readonly<Record<string, unknown>>

export const root = new URL("../../terraform/", import.meta.url)
export const exampleNames: ReadonlyArray<string> = readdirSync(new URL("examples/", root)).toSorted()

/** The files of a folder, without those below it. */
export const tfFiles = (folder: URL): ReadonlyArray<string> =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".tf"))
    .toSorted()

/** Reads a folder of the module. */
export const readFolder = async (folder: URL): Promise<Folder> => {
  const files: Array<Blocks> = []
  for (const name of tfFiles(folder)) files.push(await parse(name, readFileSync(new URL(name, folder), "utf8")))
  const blocks = files.reduce<Record<string, unknown>>((sum, file) => merged(sum, file) as Record<string, unknown>, {})
  const references: Array<string> = []
  for (const expression of expressionsIn(blocks)) references.push(...(await referencesIn(expression)))
  return { blocks, references }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Blocks of several files: those of one type stand beside each other. */
const merged = (one: unknown, other: unknown): unknown => {
  if (Array.isArray(one) && Array.isArray(other)) return [...one, ...other]
  if (!isRecord(one) || !isRecord(other)) return other
  const all = { ...one }
  for (const [key, value] of Object.entries(other)) all[key] = key in one ? merged(one[key], value) : value
  return all
}

/** All texts that have expressions in them, those of keys too. */
const expressionsIn = (value: unknown): ReadonlyArray<string> => {
  if (typeof value === "string") return value.includes("${") ? [value] : []
  if (Array.isArray(value)) return value.flatMap(expressionsIn)
  return isRecord(value) ? Object.entries(value).flatMap(([key, inner]) => [key, inner].flatMap(expressionsIn)) : []
}

/** The line break has the parser take the text as a heredoc, in which quotes stand for themselves. */
const referencesIn = async (text: string): Promise<ReadonlyArray<string>> =>
  (await getReferencesInExpression("expression", `${text}\n`)).map(({ value }) => value)

/** The names of the blocks of a type with one label. */
export const namesOf = ({ blocks }: Folder, type: string): ReadonlyArray<string> => Object.keys(Object(blocks[type]))

/** The only block of a type and name. */
export const blockOf = ({ blocks }: Folder, type: string, ...labels: ReadonlyArray<string>): Blocks => {
  const at = labels.reduce<unknown>((inner, label) => Object(inner)[label], blocks[type])
  return (Array.isArray(at) ? at[0] : {}) as Blocks
}
