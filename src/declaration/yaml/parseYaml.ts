import * as Result from "effect/Result"
import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  Lexer,
  type Node,
  Parser,
  visit,
  type YAMLMap,
  type YAMLParseError,
  type YAMLSeq
} from "yaml"
import type { Finding } from "./Finding.ts"
import { refuse } from "./readText.ts"
import type { DeclarationRefused, SyntaxInvalid } from "./TextProblem.ts"
import type { YamlEntry, YamlMapping, YamlNode, YamlScalar, YamlSequence, YamlTarget } from "./YamlNode.ts"
import { syntaxInvalid } from "./yamlSyntax.ts"

/** A declaration is 8 levels deep. The parser's later stage is recursive, so this keeps it within the stack. */
const maximumDepth = 100

/** Enough for more than 10,000 variables. More would take the parser almost a second. */
const maximumTokens = 250_000

/** After as many errors the text is not YAML. The parser creates an Error for each, so it is stopped. */
const maximumErrors = 20

export interface ParsedYaml {
  readonly root: YamlNode | undefined
  /** Every scalar of the tree, in the order of the text. */
  readonly scalars: ReadonlyArray<YamlScalar>
  /** Where a second document begins, if it is not empty. */
  readonly ignored: number | undefined
}

/**
 * Reads the first document of a YAML text and ignores what follows, as Go's yaml.v2 does. Scalars are not resolved: what
 * `yes` or `010` means depends on the type that is expected.
 */
export const parseYaml = (text: string): Result.Result<ParsedYaml, Finding<DeclarationRefused | SyntaxInvalid>> =>
  Result.gen(function* () {
    const strict = readDocument(text, new Lexer())
    const isRead = strict.error === undefined && strict.refusal === undefined
    const lenient = isRead ? strict : readDocument(text, lenientLexer(text))
    // A refusal may be a misreading: read strictly, each line that is not indented opens another level.
    const { document, refusal, error, ignored } =
      lenient.error === undefined || strict.error === undefined ? lenient : strict
    if (refusal !== undefined) return yield* Result.fail(refusal)
    if (error !== undefined) {
      const quote = unclosedQuote(document, error)
      return yield* Result.fail(
        quote === undefined ? syntaxInvalid(error.code, error.pos[0]) : syntaxInvalid("UNCLOSED_QUOTE", quote)
      )
    }
    const tree = new Tree(text)
    const root = document?.contents ? tree.convert(document.contents) : undefined
    if (tree.unknownAlias !== undefined) return yield* Result.fail(syntaxInvalid("BAD_ALIAS", tree.unknownAlias))
    return { root, scalars: tree.scalars, ignored }
  })

/**
 * Accepts lines inside quotes and brackets however little they are indented, as Go's yaml.v2 did: people paste certificates
 * and JSON that way. YAML demands indentation and the parser has no option, hence the patched internals. For a broken text
 * the strict reading finds the better place.
 */
const lenientLexer = (text: string): Lexer => {
  const lexer = new Lexer()
  const internals = lexer as unknown as LexerInternals
  const strict = internals.continueScalar.bind(lexer)
  internals.continueScalar = (offset) => {
    const begin = text[internals.pos]
    if (begin !== '"' && begin !== "'") return strict(offset)
    return /^(?:---|\.\.\.)(?:\s|$)/.test(text.slice(offset, offset + 4)) ? -1 : offset
  }
  let { indentNext } = internals
  return Object.defineProperty(lexer, "indentNext", {
    get: () => (internals.flowLevel > 0 ? 0 : indentNext),
    set: (indent: number) => {
      indentNext = indent
    }
  })
}

interface LexerInternals {
  readonly pos: number
  readonly flowLevel: number
  readonly indentNext: number
  continueScalar: (offset: number) => number
}

interface FirstDocument {
  readonly document: Document.Parsed | undefined
  readonly refusal: Finding<DeclarationRefused> | undefined
  /** The first syntax error. */
  readonly error: YAMLParseError | undefined
  readonly ignored: number | undefined
}

/** The parser's first stage knows the depth and does not recurse, so it can be stopped in time. */
const readDocument = (text: string, lexer: Lexer): FirstDocument => {
  let refusal: Finding<DeclarationRefused> | undefined
  let ignored: number | undefined
  let documents = 0
  function* tokens(): Generator<CST.Token> {
    const parser = new Parser()
    let count = 0
    let errors = 0
    function* watched(batch: Iterable<CST.Token>): Generator<CST.Token> {
      for (const token of batch) {
        if (token.type === "document" && ++documents === 2 && token.value !== undefined) ignored = token.offset
        if (token.type === "error" || token.type === "directive") errors++
        yield token
      }
    }
    for (const source of lexer.lex(text)) {
      yield* watched(parser.next(source))
      if (errors > maximumErrors || documents > 1) return
      if (parser.stack.length > maximumDepth) refusal = refuse("TooDeep", parser.offset)
      else if (++count > maximumTokens) refusal = refuse("TooManyParts", parser.offset)
      if (refusal !== undefined) return
    }
    yield* watched(parser.end())
  }
  const composer = new Composer({
    version: "1.1",
    schema: "failsafe",
    resolveKnownTags: false,
    uniqueKeys: false,
    strict: false,
    prettyErrors: false,
    logLevel: "silent"
  })
  const internals = composer as unknown as ComposerInternals
  const report = internals.onError
  let reported = 0
  internals.onError = (source, code, message, warning) => {
    if (warning !== true && ++reported <= maximumErrors) report(source, code, message)
  }
  const [document] = composer.compose(tokens(), true, text.length)
  const [error] = refusal === undefined ? (document?.errors ?? []).toSorted((a, b) => a.pos[0] - b.pos[0]) : []
  return { document: document as Document.Parsed | undefined, refusal, error, ignored }
}

interface ComposerInternals {
  onError: (source: unknown, code: string, message: string, warning?: boolean) => void
}

/** Where an unclosed quote was opened: the parser only says where it looked for the end. */
const unclosedQuote = (document: Document.Parsed | undefined, { code, pos }: YAMLParseError): number | undefined => {
  let opened: number | undefined
  if (code !== "MISSING_CHAR" || document === undefined) return undefined
  visit(document, {
    Scalar: (_, { type, range }) => {
      const quoted = type === "QUOTE_DOUBLE" || type === "QUOTE_SINGLE"
      if (quoted && range && range[0] < pos[0] && pos[0] <= range[1]) opened = range[0]
    }
  })
  return opened
}

/** Converts the parser's nodes in the order of the text, so that an alias finds the last anchor before it. */
class Tree {
  readonly scalars: Array<YamlScalar> = []
  unknownAlias: number | undefined
  readonly #text: string
  readonly #anchors = new Map<string, YamlTarget>()

  constructor(text: string) {
    this.#text = text
  }

  convert(node: Node): YamlNode {
    const [start, end] = node.range ?? [0, 0]
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source)
      if (target === undefined) this.unknownAlias ??= start
      return target === undefined ? this.#scalar({ start, end }) : { _tag: "Alias", target, start, end }
    }
    if (isScalar(node)) {
      const scalar = this.#scalar({
        text: node.source ?? "",
        plain: node.type === "PLAIN",
        tag: node.tag,
        start,
        end
      })
      return this.#anchored(node, scalar)
    }
    if (isMap(node)) {
      const entries: Array<YamlEntry> = []
      const mapping = this.#anchored<YamlMapping>(node, { _tag: "Mapping", entries, start, end })
      for (const pair of (node as YAMLMap<Node, Node | null>).items) {
        const key = this.convert(pair.key)
        const value = pair.value === null ? this.#scalar({ start: key.end, end: key.end }) : this.convert(pair.value)
        entries.push({ key, value, keyOnly: pair.value === null })
      }
      return mapping
    }
    const items: Array<YamlNode> = []
    const sequence = this.#anchored<YamlSequence>(node, { _tag: "Sequence", items, start, end })
    for (const item of (node as YAMLSeq<Node>).items) items.push(this.convert(item))
    return sequence
  }

  #anchored<A extends YamlTarget>(node: { readonly anchor?: string }, converted: A): A {
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, converted)
    return converted
  }

  /** On the same line, with no space after the "#". A scalar without text begins where its comment does. */
  #commentBehind(end: number): number | undefined {
    const behind = /[ \t]*(?=#[^\s#])/y
    behind.lastIndex = end
    if (!behind.test(this.#text)) return undefined
    let before = behind.lastIndex - 1
    while (this.#text[before] === " " || this.#text[before] === "\t") before--
    const isBehindWhiteSpace = before < behind.lastIndex - 1
    return isBehindWhiteSpace && !/[\r\n]/.test(this.#text[before] ?? "\n") ? behind.lastIndex : undefined
  }

  /** Without text: the value that is missing in `key:`. */
  #scalar(fields: Partial<YamlScalar> & Pick<YamlScalar, "start" | "end">): YamlScalar {
    const plain = fields.plain ?? true
    const cutAt = plain ? this.#commentBehind(fields.end) : undefined
    const scalar: YamlScalar = { _tag: "Scalar", text: "", tag: undefined, ...fields, plain, cutAt }
    this.scalars.push(scalar)
    return scalar
  }
}
