import { classFields, type Field, type Fields, fieldsIn, oneLine, schemaType } from "./fieldsOf.ts"
import type { Class, Declared, Exported, Expression, Parameters, SourceFile } from "./sourceFiles.ts"

/** What a name stands for, and how it is used, in TypeScript's words. */
export interface Signature {
  readonly kind: string
  readonly code: string
}

/** Longer texts of a constant's value say nothing in a glance. */
const glance = 160

/** What a name stands for. Of a schema and the type of its name, the schema says more. */
export const signatureOf = ({ name, declared, members }: Exported): Signature => {
  const [first] = declared
  if (first === undefined) {
    return { kind: "namespace", code: `namespace ${name} { ${members.map((member) => member.name).join(", ")} }` }
  }
  const { kind, code } = declaredSignature(name, first)
  return declared.length > 1 && kind === "constant" ? { kind: "constant and type", code } : { kind, code }
}

const declaredSignature = (name: string, declared: Declared): Signature => {
  const { source, declaration, declarator } = declared
  if ("superClass" in declaration) return classSignature(name, declared, declaration)
  switch (declaration.type) {
    case "TSInterfaceDeclaration":
      return { kind: "interface", code: source.slice(declaration) }
    case "TSTypeAliasDeclaration": {
      const [, schema] = /^typeof (\w+)\.Type$/.exec(source.slice(declaration.typeAnnotation)) ?? []
      const constant = schema === undefined ? undefined : source.constant(schema)
      const fields = constant === undefined ? [] : fieldLines(fieldsIn(constant.source, constant.init))
      return { kind: "type", code: fields.length === 0 ? source.slice(declaration) : block(`type ${name} =`, fields) }
    }
    default:
      if (declarator === undefined || declarator.init === null) return { kind: "type", code: source.slice(declaration) }
      return constantSignature(name, source, declarator.init, annotationOf(source, declarator.id))
  }
}

const annotationOf = (source: SourceFile, { typeAnnotation }: { readonly typeAnnotation?: unknown }) => {
  const node = typeAnnotation as { readonly start: number; readonly end: number } | null | undefined
  return node === null || node === undefined ? undefined : source.slice(node).replace(/^:\s*/, "")
}

const constantSignature = (
  name: string,
  source: SourceFile,
  init: Expression,
  annotation: string | undefined
): Signature => {
  const call = functionOf(source, init)
  if (call !== undefined) return { kind: "function", code: `${name}${called(source, call)}` }
  if (annotation !== undefined) return { kind: "constant", code: `const ${name}: ${oneLine(annotation)}` }
  if (init.type === "CallExpression" && /^Context\.Reference\b/.test(source.slice(init.callee))) {
    const [type] = init.typeArguments?.params ?? []
    const of = type === undefined ? "" : `<${oneLine(source.slice(type))}>`
    return { kind: "reference", code: `const ${name}: Context.Reference${of}` }
  }
  const fields = fieldsIn(source, init)
  if (fields.own.length + fields.shared.length > 0 && source.slice(init).includes("Schema.")) {
    return { kind: "schema", code: block(`schema ${name}`, fieldLines(fields)) }
  }
  if (source.slice(init).startsWith("Schema.")) {
    return { kind: "schema", code: assigned(`schema ${name} =`, schemaType(source, init)) }
  }
  const value = oneLine(source.slice(init))
  if (value.length <= glance) return { kind: "constant", code: `const ${name} = ${value}` }
  if (value.startsWith("{")) return { kind: "constant", code: `const ${name} = ${source.slice(init)}` }
  if (init.type === "TemplateLiteral") return { kind: "constant", code: `const ${name}: string` }
  const made = init.type === "CallExpression" ? oneLine(source.slice(init.callee)) : ""
  const shown = made === "Effect.gen" ? ": Effect<…>" : made === "" || made.length > glance ? "" : ` = ${made}(…)`
  return { kind: "constant", code: `const ${name}${shown}` }
}

/** A union that is too long for a line has a line for each of its members. */
const assigned = (head: string, type: string): string =>
  type.length <= glance ? `${head} ${type}` : `${head}\n  | ${type.replaceAll(" | ", "\n  | ")}`

interface Call {
  readonly generics: { readonly start: number; readonly end: number } | null | undefined
  readonly params: Parameters
  readonly returned: { readonly start: number; readonly end: number } | null | undefined
  readonly isEffect: boolean
}

/** What is called: an arrow function, or the generator of an `Effect.fn`. */
const functionOf = (source: SourceFile, init: Expression): Call | undefined => {
  if (init.type === "ArrowFunctionExpression") {
    return { generics: init.typeParameters, params: init.params, returned: init.returnType, isEffect: false }
  }
  if (init.type !== "CallExpression") return undefined
  // An `Effect.gen` is an Effect already.
  if (!/^Effect\.fn(?:Untraced\b|\()/.test(source.slice(init.callee))) return undefined
  const generator = init.arguments.find((argument) => argument.type === "FunctionExpression" && argument.generator)
  if (generator?.type !== "FunctionExpression") return undefined
  return { generics: generator.typeParameters, params: generator.params, returned: null, isEffect: true }
}

/** Parameters and result. An Effect's errors and requirements are inferred: an editor shows them. */
const called = (source: SourceFile, { generics, params, returned, isEffect }: Call): string => {
  const result = returned === null || returned === undefined ? undefined : source.slice(returned).replace(/^:\s*/, "")
  const list = params.map((parameter) => parameterOf(source, parameter)).join(", ")
  const types = generics === null || generics === undefined ? "" : oneLine(source.slice(generics))
  return `${types}(${list})${result === undefined ? (isEffect ? ": Effect<…>" : "") : `: ${oneLine(result)}`}`
}

const parameterOf = (source: SourceFile, parameter: Parameters[number]): string => {
  const isOptional = parameter.type === "AssignmentPattern"
  const pattern = isOptional ? parameter.left : parameter
  if (pattern.type === "Identifier") {
    const type = annotationOf(source, pattern)
    const optional = isOptional || source.text[pattern.start + pattern.name.length] === "?" ? "?" : ""
    return `${pattern.name}${optional}${type === undefined ? "" : `: ${oneLine(type)}`}`
  }
  const type = oneLine(annotationOf(source, pattern as { readonly typeAnnotation?: unknown }) ?? "unknown")
  if (pattern.type !== "ObjectPattern") return oneLine(source.slice(pattern))
  const keys = pattern.properties.flatMap((property) =>
    property.type === "Property" ? [source.slice(property.key)] : []
  )
  return `{ ${keys.join(", ")} }${isOptional ? "?" : ""}: ${type}`
}

const classSignature = (name: string, declared: Declared, declaration: Class): Signature => {
  const { source } = declared
  const parent = declaration.superClass === null ? "" : source.slice(declaration.superClass)
  if (parent.startsWith("Context.Service")) {
    return {
      kind: "service",
      code: block(`service ${name}`, [...contractLines(source, declaration), ...memberLines(source, declaration)])
    }
  }
  const isError = /^(?:Schema|Data)\.TaggedError\b/.test(parent)
  const lines = [
    ...fieldLines(classFields(declared)),
    ...dataLines(source, declaration),
    ...memberLines(source, declaration)
  ]
  return { kind: isError ? "error" : "class", code: block(`class ${name}`, lines) }
}

/** The members of a service, as its contract has them. */
const contractLines = (source: SourceFile, { superClass }: Class): ReadonlyArray<string> => {
  if (superClass?.type !== "CallExpression" || superClass.callee.type !== "CallExpression") return []
  const [, contract] = superClass.callee.typeArguments?.params ?? []
  if (contract === undefined) return []
  return contract.type === "TSTypeLiteral"
    ? inside(source.slice(contract))
    : [`readonly of: ${oneLine(source.slice(contract))}`]
}

/** The fields of a `Data.TaggedError`, which are a type. */
const dataLines = (source: SourceFile, { superTypeArguments }: Class): ReadonlyArray<string> => {
  const [fields] = superTypeArguments?.params ?? []
  return fields?.type === "TSTypeLiteral" ? inside(source.slice(fields)) : []
}

/** The lines between the braces, as deep as lines of a block are. */
const inside = (text: string): ReadonlyArray<string> => {
  const lines = text.slice(1, -1).split("\n")
  const depth = Math.min(...lines.flatMap((line) => (line.trim() === "" ? [] : [line.search(/\S/)])))
  return lines.map((line) => line.slice(depth).trimEnd()).filter((line) => line !== "")
}

const comment = (docstring: string | undefined): ReadonlyArray<string> => {
  if (docstring === undefined) return []
  const lines = docstring.split("\n")
  return lines.length === 1 ? [`/** ${docstring} */`] : ["/**", ...lines.map((line) => ` * ${line}`.trimEnd()), " */"]
}

/**
 * The public members of a class; of one of Effect's, which has fields, those with a docstring: the others are for messages.
 */
const memberLines = (source: SourceFile, { body, superClass }: Class): ReadonlyArray<string> =>
  body.body.flatMap((member) => {
    if (member.type !== "MethodDefinition" && member.type !== "PropertyDefinition") return []
    const docstring = source.docstring(member)
    if (member.accessibility === "private" || member.key.type === "PrivateIdentifier") return []
    if (superClass === null ? source.slice(member.key) === "constructor" : docstring === undefined) return []
    const name = source.slice(member.key)
    const before = member.static ? "static " : ""
    if (member.type === "MethodDefinition") {
      const { params, returnType } = member.value
      const call = called(source, { generics: null, params, returned: returnType, isEffect: false })
      return [
        ...comment(docstring),
        `${before}${member.kind === "get" ? `readonly ${name}${call.slice(2)}` : `${name}${call}`}`
      ]
    }
    const call = member.value === null ? undefined : functionOf(source, member.value)
    const type = annotationOf(source, member as { readonly typeAnnotation?: unknown })
    const isReadonly = call === undefined && "readonly" in member && member.readonly === true
    const value = member.value?.type === "Literal" ? ` = ${source.slice(member.value)}` : ""
    const shown = call === undefined ? (type === undefined ? value : `: ${oneLine(type)}`) : called(source, call)
    return [...comment(docstring), `${before}${isReadonly ? "readonly " : ""}${name}${shown}`]
  })

const fieldLines = ({ own, shared }: Fields): ReadonlyArray<string> => [
  ...own.flatMap((field) => [...comment(field.docstring), fieldText(field)]),
  ...shared.flatMap(({ fields, docstring }) => [
    ...(docstring === undefined ? [] : [`// ${oneLine(docstring)}`]),
    fields.map(fieldText).join("; ")
  ])
]

const fieldText = ({ name, type, isOptional }: Field): string => `readonly ${name}${isOptional ? "?" : ""}: ${type}`

const block = (head: string, lines: ReadonlyArray<string>): string =>
  lines.length === 0 ? head : `${head} {\n${lines.map((line) => `  ${line}`).join("\n")}\n}`
