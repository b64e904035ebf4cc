import type { Declared, Expression, ObjectLiteral, SourceFile } from "./sourceFiles.ts"

/** A field of a class or of a schema, in TypeScript's words. */
export interface Field {
  readonly name: string
  readonly type: string
  readonly isOptional: boolean
  readonly docstring: string | undefined
}

/** Fields that many classes have in common. */
export interface SharedFields {
  readonly fields: ReadonlyArray<Field>
  readonly docstring: string | undefined
}

export interface Fields {
  readonly own: ReadonlyArray<Field>
  readonly shared: ReadonlyArray<SharedFields>
}

const none: Fields = { own: [], shared: [] }

/** A call without the annotations that follow it, with what its `annotateKey` describes. */
const unwrapped = (
  source: SourceFile,
  expression: Expression
): { readonly expression: Expression; readonly description?: string } => {
  if (expression.type !== "CallExpression" || expression.callee.type !== "MemberExpression") return { expression }
  const called = source.slice(expression.callee.property)
  if (!/^(?:annotate|annotateKey|check|pipe)$/.test(called)) return { expression }
  const inner = unwrapped(source, expression.callee.object as Expression)
  const [annotation] = expression.arguments
  const description =
    annotation?.type === "ObjectExpression"
      ? annotation.properties.flatMap((property) =>
          property.type === "Property" &&
          source.slice(property.key) === "description" &&
          property.value.type === "Literal" &&
          typeof property.value.value === "string"
            ? [property.value.value]
            : []
        )[0]
      : undefined
  return description === undefined ? inner : { description, ...inner }
}

const simple: Readonly<Record<string, string>> = {
  String: "string",
  Int: "number",
  Finite: "number",
  Number: "number",
  Boolean: "boolean",
  Null: "null",
  Undefined: "undefined",
  Unknown: "unknown",
  DateTimeUtcFromString: "DateTime.Utc",
  Redacted: "Redacted",
  Duration: "Duration.Duration"
}

const listed = (type: string): string => `ReadonlyArray<${type}>`

/** What a schema decodes to, as TypeScript writes it; the schema itself where that takes more than a line. */
export const schemaType = (source: SourceFile, schema: Expression): string => {
  const { expression } = unwrapped(source, schema)
  if (expression.type === "MemberExpression" && source.slice(expression.object) === "Schema") {
    return simple[source.slice(expression.property)] ?? source.slice(expression)
  }
  if (expression.type === "MemberExpression") return source.slice(expression.property)
  if (expression.type === "Identifier") return namedType(source, expression.name)
  if (expression.type !== "CallExpression") return oneLine(source.slice(expression))
  const [first] = expression.arguments
  const called = source.slice(expression.callee).replace("Schema.", "")
  if (called === "Defect") return "unknown"
  if (first === undefined || first.type === "SpreadElement") return oneLine(source.slice(expression))
  const inner = () => schemaType(source, first)
  switch (called) {
    case "optionalKey":
    case "optional":
    case "suspend":
    case "mutableKey":
      return first.type === "ArrowFunctionExpression" ? oneLine(source.slice(first.body)) : inner()
    case "UndefinedOr":
      return `${inner()} | undefined`
    case "NullOr":
      return `${inner()} | null`
    case "Option":
      return `Option<${inner()}>`
    case "Array":
      return listed(inner())
    case "NonEmptyArray":
      return `readonly [${inner()}, ...${listed(inner())}]`
    case "Literal":
      return first.type === "Identifier" ? namedType(source, first.name) : source.slice(first)
    case "Literals":
    case "Union":
      if (first.type === "Identifier") return namedType(source, first.name)
      if (first.type !== "ArrayExpression") return `(typeof ${source.slice(first)})[number]`
      return first.elements
        .flatMap((element) => (element === null ? [] : [element]))
        .map((element) =>
          element.type === "SpreadElement"
            ? source.slice(element.argument).replace(/\.members$/, "")
            : called === "Union"
              ? schemaType(source, element)
              : source.slice(element)
        )
        .join(" | ")
    case "Struct":
      if (first.type !== "ObjectExpression") return oneLine(source.slice(expression))
      return `{ ${literalFields(source, first)
        .own.map(({ name, isOptional, type }) => `readonly ${name}${isOptional ? "?" : ""}: ${type}`)
        .join("; ")} }`
    default:
      return oneLine(source.slice(expression))
  }
}

/** A schema with a name of its own stands for itself; a constant beside it is what it is made of. */
const namedType = (source: SourceFile, name: string): string => {
  const constant = /^[a-z]/.test(name) ? source.constant(name) : undefined
  if (constant === undefined) return name
  const { source: file, init } = constant
  const value = init.type === "TSAsExpression" ? init.expression : init
  if (value.type === "Literal") return file.slice(value)
  if (value.type !== "ArrayExpression") return schemaType(file, value)
  return value.elements.flatMap((element) => (element === null ? [] : [file.slice(element)])).join(" | ")
}

export const oneLine = (text: string): string =>
  text
    .replaceAll(/\/\*\*[^]*?\*\//g, "")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/([([{]) (?=[)\]}])|(?<=[([]) | (?=[)\]])/g, "$1")
    .trim()

/** The fields that an object of schemas stands for. */
export const literalFields = (source: SourceFile, literal: ObjectLiteral): Fields => {
  const own: Array<Field> = []
  const shared: Array<SharedFields> = []
  for (const property of literal.properties) {
    if (property.type === "SpreadElement") {
      const { own: fields, docstring, shared: further } = spread(source, property.argument)
      if (fields.length > 0) shared.push({ fields, docstring })
      shared.push(...further)
      continue
    }
    const value = property.value as Expression
    const { description } = unwrapped(source, value)
    own.push({
      name: source.slice(property.key),
      type: schemaType(source, value),
      isOptional: /^Schema\.optional(?:Key)?\(/.test(source.slice(value)),
      docstring: source.docstring(property) ?? description
    })
  }
  return { own, shared }
}

/** The fields of a constant, or of a schema's `fields`. */
const spread = (source: SourceFile, expression: Expression): Fields & { readonly docstring?: string | undefined } => {
  const named = expression.type === "MemberExpression" ? (expression.object as Expression) : expression
  if (named.type !== "Identifier") return none
  const constant = source.constant(named.name)
  if (constant === undefined) return none
  return { ...fieldsIn(constant.source, constant.init), docstring: constant.docstring }
}

/** The fields of an object of schemas, or of a schema made of one. */
export const fieldsIn = (source: SourceFile, written: Expression): Fields => {
  const { expression } = unwrapped(source, written)
  if (expression.type === "ObjectExpression") return literalFields(source, expression)
  if (expression.type === "Identifier") {
    const { own, shared, docstring } = spread(source, expression)
    return docstring === undefined ? { own, shared } : { own: [], shared: [{ fields: own, docstring }, ...shared] }
  }
  if (expression.type === "TSAsExpression" || expression.type === "TSSatisfiesExpression") {
    return fieldsIn(source, expression.expression)
  }
  if (expression.type !== "CallExpression" || source.slice(expression.callee) !== "Schema.Struct") return none
  const [first] = expression.arguments
  return first === undefined || first.type === "SpreadElement" ? none : fieldsIn(source, first)
}

/** The fields of a class of Effect's: those of `Schema.TaggedError<Self>()("Tag", fields)`, say. */
export const classFields = ({ source, declaration }: Declared): Fields => {
  if (!("superClass" in declaration) || declaration.superClass?.type !== "CallExpression") return none
  const [, fields] = declaration.superClass.arguments
  return fields === undefined || fields.type === "SpreadElement" ? none : fieldsIn(source, fields)
}
