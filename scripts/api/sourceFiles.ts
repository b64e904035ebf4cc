import { readFileSync } from "node:fs"
import { parseSync } from "rolldown/utils"

type Program = ReturnType<typeof parseSync>["program"]
type Statement = Program["body"][number]
type Export = Extract<Statement, { readonly type: "ExportNamedDeclaration" }>
export type Declaration = NonNullable<Export["declaration"]>
type Declarator = Extract<Declaration, { readonly type: "VariableDeclaration" }>["declarations"][number]
export type Class = Extract<Declaration, { readonly superClass: unknown }>
export type Expression = NonNullable<Declarator["init"]>
export type ObjectLiteral = Extract<Expression, { readonly type: "ObjectExpression" }>
export type Parameters = Extract<Expression, { readonly type: "ArrowFunctionExpression" }>["params"]

/** Where something is in a text. */
interface Span {
  readonly start: number
  readonly end: number
}

/** One declaration of a name. A schema and its type are two of one name. */
export interface Declared {
  readonly source: SourceFile
  readonly declaration: Declaration
  /** Of a constant. */
  readonly declarator: Declarator | undefined
}

/** What a constant is made of, and in which file that is. */
interface Constant {
  readonly source: SourceFile
  readonly init: Expression
  readonly docstring?: string
}

/** A name that a module exports, and where it is declared. */
export interface Exported {
  readonly name: string
  /** Below the root of the repository. */
  readonly file: string
  /** The first that one of its declarations has. */
  readonly docstring: string | undefined
  readonly declared: ReadonlyArray<Declared>
  /** What a namespace has: `export * as Name`. */
  readonly members: ReadonlyArray<Exported>
}

const root = new URL("../../", import.meta.url)

/** A module's text with its syntax tree. */
export class SourceFile {
  readonly file: string
  readonly text: string
  readonly body: ReadonlyArray<Statement>
  readonly #comments: ReturnType<typeof parseSync>["comments"]

  constructor(file: string) {
    this.file = file
    this.text = readFileSync(new URL(file, root), "utf8")
    const { program, comments, errors } = parseSync(file, this.text)
    if (errors.length > 0)
      throw new Error(`${file} cannot be parsed: ${errors.map(({ message }) => message).join("; ")}`)
    this.body = program.body
    this.#comments = comments
  }

  slice({ start, end }: Span): string {
    return this.text.slice(start, end)
  }

  /** The docstring right before a node, its lines without their asterisks. */
  docstring({ start }: Span): string | undefined {
    const comment = this.#comments.findLast(({ end }) => end <= start)
    if (comment?.type !== "Block" || !comment.value.startsWith("*")) return undefined
    if (this.text.slice(comment.end, start).trim() !== "") return undefined
    const lines = comment.value.slice(1).split("\n")
    return lines
      .map((line) => line.replace(/^\s*\* ?/, "").trimEnd())
      .join("\n")
      .trim()
  }

  /** The file from which a name is imported, and its name there. */
  imported(name: string): { readonly file: string; readonly name: string } | undefined {
    for (const statement of this.body) {
      if (statement.type !== "ImportDeclaration") continue
      for (const specifier of statement.specifiers) {
        if (specifier.local.name !== name || specifier.type !== "ImportSpecifier") continue
        return { file: this.resolve(statement.source.value), name: nameOf(specifier.imported) }
      }
    }
    return undefined
  }

  /** What a name at the top of the module stands for, exported or not. */
  constant(name: string): Constant | undefined {
    for (const statement of this.body) {
      const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement
      if (declaration?.type !== "VariableDeclaration") continue
      for (const { id, init } of declaration.declarations) {
        if (init === null) continue
        // Taken out of another schema's fields.
        if (id.type === "ObjectPattern" && this.slice(id).match(/\w+/g)?.includes(name) === true) {
          return this.#fieldOf(init, name)
        }
        if (id.type !== "Identifier" || id.name !== name) continue
        const docstring = this.docstring(statement)
        return { source: this, init, ...(docstring === undefined ? {} : { docstring }) }
      }
    }
    const from = this.imported(name)
    return from === undefined ? undefined : sourceFile(from.file).constant(from.name)
  }

  #fieldOf(fields: Expression, name: string): Constant | undefined {
    const [schema = ""] = this.slice(fields).split(".fields")
    const { source, init } = this.constant(schema) ?? {}
    const [literal] = init?.type === "CallExpression" ? init.arguments : []
    if (source === undefined || literal?.type !== "ObjectExpression") return undefined
    for (const property of literal.properties) {
      if (property.type === "Property" && source.slice(property.key) === name) {
        return { source, init: property.value as Expression }
      }
    }
    return undefined
  }

  resolve(path: string): string {
    return new URL(path, new URL(this.file, root)).href.slice(root.href.length)
  }
}

const files = new Map<string, SourceFile>()

/** Each file is parsed once. */
export const sourceFile = (file: string): SourceFile => {
  const known = files.get(file) ?? new SourceFile(file)
  files.set(file, known)
  return known
}

const nameOf = (node: { readonly type: string; readonly name?: string; readonly value?: string }): string =>
  node.name ?? node.value ?? ""

/** All names that a module exports, in its order, each with where it is declared. */
export const exportsOf = (file: string): ReadonlyArray<Exported> => {
  const source = sourceFile(file)
  const found = source.body.flatMap((statement): ReadonlyArray<Exported> => {
    if (statement.type === "ExportAllDeclaration") {
      const from = source.resolve(statement.source.value)
      if (statement.exported === null) return exportsOf(from)
      const docstring = source.docstring(statement)
      return [{ name: nameOf(statement.exported), file: from, docstring, declared: [], members: exportsOf(from) }]
    }
    if (statement.type !== "ExportNamedDeclaration") return []
    if (statement.declaration !== null) return declaredIn(source, statement, statement.declaration)
    return statement.specifiers.map((specifier) => {
      const local = nameOf(specifier.local)
      const from =
        statement.source === null
          ? source.imported(local)
          : { file: source.resolve(statement.source.value), name: local }
      const origin = from === undefined ? undefined : exportsOf(from.file).find(({ name }) => name === from.name)
      if (origin === undefined) throw new Error(`${file} exports ${local}, which is declared nowhere`)
      return { ...origin, name: nameOf(specifier.exported) }
    })
  })
  const byName = new Map<string, Exported>()
  for (const exported of found) {
    const other = byName.get(exported.name)
    const docstring = other?.docstring ?? exported.docstring
    byName.set(exported.name, { ...exported, docstring, declared: [...(other?.declared ?? []), ...exported.declared] })
  }
  return [...byName.values()]
}

const declaredIn = (source: SourceFile, statement: Export, declaration: Declaration): ReadonlyArray<Exported> => {
  const docstring = source.docstring(statement)
  const made = (name: string, declarator?: Declarator): Exported => {
    return { name, file: source.file, docstring, declared: [{ source, declaration, declarator }], members: [] }
  }
  if (declaration.type === "VariableDeclaration") {
    return declaration.declarations.map((declarator) => made(source.slice(declarator.id).split(":")[0]!, declarator))
  }
  if (!("id" in declaration) || declaration.id === null || !("name" in declaration.id)) return []
  return [made(declaration.id.name)]
}
