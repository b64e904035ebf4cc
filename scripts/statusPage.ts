import type * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import { code, table } from "./markdown.ts"

/** What a value is in JSON. */
const typeOf = (ast: SchemaAST.AST): string => {
  if (SchemaAST.isUnion(ast)) return ast.types.map(typeOf).join(" or ")
  if (SchemaAST.isLiteral(ast)) return code(JSON.stringify(ast.literal))
  if (SchemaAST.isNull(ast)) return "null"
  if (SchemaAST.isObjects(ast)) return "object"
  if (SchemaAST.isArrays(ast)) return "list"
  if (SchemaAST.isBoolean(ast)) return "boolean"
  if (SchemaAST.isNumber(ast)) return "number"
  if (SchemaAST.isDeclaration(ast)) return "time"
  return "text"
}

const objectIn = (ast: SchemaAST.AST): SchemaAST.Objects | undefined => {
  if (SchemaAST.isObjects(ast)) return ast
  if (SchemaAST.isUnion(ast)) return ast.types.map(objectIn).find((found) => found !== undefined)
  const [item] = SchemaAST.isArrays(ast) ? ast.rest : []
  return item === undefined ? undefined : objectIn(item)
}

const isList = (ast: SchemaAST.AST): boolean =>
  SchemaAST.isArrays(ast) || (SchemaAST.isUnion(ast) && ast.types.some(isList))

const rowsOf = (
  object: SchemaAST.Objects,
  apart: ReadonlySet<string>,
  path = ""
): ReadonlyArray<ReadonlyArray<string>> =>
  object.propertySignatures.flatMap(({ name, type }) => {
    const key = `${path}${String(name)}${isList(type) ? "[]" : ""}`
    const described = type.context?.annotations?.["description"]
    const inner = apart.has(key) ? undefined : objectIn(type)
    return [
      [code(key), typeOf(type), typeof described === "string" ? described : ""],
      ...(inner === undefined ? [] : rowsOf(inner, apart, `${key}.`))
    ]
  })

/** A table of all keys of a schema; `apart` are those whose own keys stand in another table. */
export const keyTable = (schema: Schema.Constraint, ...apart: ReadonlyArray<string>): string => {
  const object = objectIn(schema.ast)
  return object === undefined ? "" : table(["key", "type", "meaning"], rowsOf(object, new Set(apart)))
}
