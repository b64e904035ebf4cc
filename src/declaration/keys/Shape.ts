import type * as Schema from "effect/Schema"
import type { Limits } from "../schema/limits.ts"
import * as SchemaAST from "effect/SchemaAST"

/** What a schema expects of a YAML node: the few types that declarations and policies use. */
export type Shape =
  /** `orNumber`: strictly, a number is one too, by its text. */
  | { readonly _tag: "Text"; readonly orNumber?: true }
  | { readonly _tag: "Boolean" }
  | { readonly _tag: "Integer" }
  | { readonly _tag: "List"; readonly item: Shape }
  /** Any keys, each with a value of the same shape. */
  | { readonly _tag: "Map"; readonly value: Shape }
  | RecordShape

export interface RecordShape {
  readonly _tag: "Record"
  /** As in "a container". */
  readonly title: string
  readonly fields: ReadonlyMap<string, FieldShape>
}

export interface FieldShape {
  readonly shape: Shape
  /** If missing or null, it is left out instead of having its zero value. */
  readonly optional: boolean
  /** Its whole value may be a secret. */
  readonly secret: boolean
  /** Its value is none although it stands in one that may be. */
  readonly open: boolean
  /** konlet did not know it. */
  readonly newer: boolean
  /** It is one of several keys of its mapping, of which exactly one is written. */
  readonly alternative: boolean
  /** Nothing can be done without it. */
  readonly required: boolean
  /** What it does, for people. */
  readonly description: string | undefined
  /** Those that a text may have, where they are few. */
  readonly values: ReadonlyArray<string> | undefined
  /** What of its value a JSON Schema can say. */
  readonly limits: Limits
}

const shapes = new WeakMap<SchemaAST.AST, Shape>()

/** The shape of a schema made of structs, records with any keys, arrays, strings, booleans and integers; made once. */
export const shapeOf = ({ ast }: Schema.Constraint): Shape => {
  const known = shapes.get(ast)
  if (known !== undefined) return known
  const shape = shapeOfAst(ast)
  shapes.set(ast, shape)
  return shape
}

const shapeOfAst = (ast: SchemaAST.AST): Shape => {
  if (SchemaAST.isObjects(ast)) {
    const [index] = ast.indexSignatures
    if (index !== undefined) return { _tag: "Map", value: shapeOfAst(index.type) }
    const fields = new Map(
      ast.propertySignatures.map(({ name, type }): [string, FieldShape] => {
        const annotations = type.context?.annotations ?? {}
        const field = {
          shape: shapeOfAst(type),
          optional: type.context?.isOptional === true,
          secret: annotations["secret"] === true,
          open: annotations["open"] === true,
          newer: annotations["newer"] === true,
          alternative: annotations["alternative"] === true,
          required: annotations["required"] === true,
          description: annotations["description"] as string | undefined,
          values: annotations["values"] as ReadonlyArray<string> | undefined,
          limits: (annotations["limits"] as Limits | undefined) ?? {}
        }
        return [String(name), field]
      })
    )
    return { _tag: "Record", title: SchemaAST.resolveTitle(ast) ?? "a mapping", fields }
  }
  const [item] = SchemaAST.isArrays(ast) ? ast.rest : []
  if (item !== undefined) return { _tag: "List", item: shapeOfAst(item) }
  if (SchemaAST.isBoolean(ast)) return { _tag: "Boolean" }
  if (SchemaAST.isNumber(ast)) return { _tag: "Integer" }
  return ast.annotations?.["orNumber"] === true ? { _tag: "Text", orNumber: true } : { _tag: "Text" }
}

/** Every record of a shape, itself included, outermost first. */
export const recordsOf = (shape: Shape): ReadonlyArray<RecordShape> => {
  if (shape._tag === "List") return recordsOf(shape.item)
  if (shape._tag === "Map") return recordsOf(shape.value)
  if (shape._tag !== "Record") return []
  return [shape, ...[...shape.fields.values()].flatMap((field) => recordsOf(field.shape))]
}
