import * as Result from "effect/Result"
import { Composer, type CST, type Document, Lexer, Parser, visit, type YAMLParseError } from "yaml"
import type { Finding } from "./Finding.ts"
import { refuse } from "./readText.ts"
import type { DeclarationRefused, SyntaxInvalid } from "./TextProblem.ts"
import type { YamlNode, YamlScalar } from "./YamlNode.ts"
import { isNull } from "./YamlScalarValue.ts"
import { syntaxInvalid } from "./yamlSyntax.ts"
import { isQuoteEscaped } from "./escapedQuotes.ts"
import { YamlTree } from "./YamlTree.ts"

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
  /** Another document follows, empty or not. */
  readonly hasMore: boolean
}

/**
 * Reads the first document of a YAML text and ignores what follows, as Go's yaml.v2 does. Scalars are not resolved: what
 * `yes` or `010` means depends on the type that is expected.
 */
export const parseYaml = (text: string): Result.Result<ParsedYaml, YamlFailure> =>
  Result.gen(function* () {
    const { documents, ignored, hasMore } = readEither(text, "first")
    const [document] = documents
    const failure = document && failureOf(document)
    if (failure !== undefined) return yield* Result.fail(failure)
    const scalars: Array<YamlScalar> = []
    const root = yield* converted(document, text, scalars)
    return { root, scalars, ignored, hasMore }
  })

type YamlFailure = Finding<DeclarationRefused | SyntaxInvalid>

export interface ParsedDocuments {
  /** What the text's documents hold; one that holds nothing is left out. */
  readonly roots: ReadonlyArray<YamlNode>
  readonly scalars: ReadonlyArray<YamlScalar>
  /** Why no document is read from there on. */
  readonly failure: YamlFailure | undefined
}

/** Reads the documents of a YAML text, up to one that cannot be read. An anchor holds within its document. */
export const parseDocuments = (text: string): ParsedDocuments => {
  const roots: Array<YamlNode> = []
  const scalars: Array<YamlScalar> = []
  for (const document of readEither(text, "all").documents) {
    const failure = failureOf(document)
    if (failure !== undefined) return { roots, scalars, failure }
    const root = converted(document, text, scalars)
    if (Result.isFailure(root)) return { roots, scalars, failure: root.failure }
    if (root.success !== undefined && !isNothing(root.success)) roots.push(root.success)
  }
  return { roots, scalars, failure: undefined }
}

const isNothing = (root: YamlNode): boolean => root._tag === "Scalar" && isNull(root)

/** The reading that goes farther. What one refuses the other may be able to read. */
const readEither = (text: string, extent: Extent): ReadDocuments => {
  const strict = readDocuments(text, new Lexer(), extent)
  if (goodOf(strict) === strict.documents.length) return strict
  const lenient = readDocuments(text, lenientLexer(text), extent)
  if (goodOf(lenient) !== goodOf(strict)) return goodOf(lenient) > goodOf(strict) ? lenient : strict
  // A refusal may be a misreading: read strictly, each line that is not indented opens another level.
  const hasError = ({ documents }: ReadDocuments) => documents[goodOf(strict)]?.error !== undefined
  return hasError(lenient) && hasError(strict) ? strict : lenient
}

/** How many documents come before the first one that cannot be read. */
const goodOf = ({ documents }: ReadDocuments): number => {
  const bad = documents.findIndex(({ error, refusal }) => error !== undefined || refusal !== undefined)
  return bad === -1 ? documents.length : bad
}

const failureOf = ({ document, refusal, error }: ReadDocument): YamlFailure | undefined => {
  if (refusal !== undefined) return refusal
  if (error === undefined) return undefined
  const quote = unclosedQuote(document, error)
  return quote === undefined ? syntaxInvalid(error.code, error.pos[0]) : syntaxInvalid("UNCLOSED_QUOTE", quote)
}

const converted = (
  read: ReadDocument | undefined,
  text: string,
  scalars: Array<YamlScalar>
): Result.Result<YamlNode | undefined, YamlFailure> => {
  const tree = new YamlTree(text, scalars)
  const contents = read?.document?.contents
  const root = contents ? tree.convert(contents) : undefined
  return tree.unknownAlias === undefined
    ? Result.succeed(root)
    : Result.fail(syntaxInvalid("BAD_ALIAS", tree.unknownAlias))
}

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

/** How much of a text is read: its first document, or all of them. */
type Extent = "first" | "all"

interface ReadDocument {
  readonly document: Document.Parsed | undefined
  readonly refusal: Finding<DeclarationRefused> | undefined
  /** The first syntax error. */
  readonly error: YAMLParseError | undefined
}

interface ReadDocuments {
  /** At least one. */
  readonly documents: ReadonlyArray<ReadDocument>
  readonly ignored: number | undefined
  readonly hasMore: boolean
}

/** The parser's first stage knows the depth and does not recurse, so it can be stopped in time. */
const readDocuments = (text: string, lexer: Lexer, extent: Extent): ReadDocuments => {
  let refusal: Finding<DeclarationRefused> | undefined
  let ignored: number | undefined
  let begun = 0
  function* tokens(): Generator<CST.Token> {
    const parser = new Parser()
    let count = 0
    let errors = 0
    function* watched(batch: Iterable<CST.Token>): Generator<CST.Token> {
      for (const token of batch) {
        if (token.type === "document" && ++begun === 2 && token.value !== undefined) ignored = token.offset
        if (token.type === "error" || (token.type === "directive" && extent === "first")) errors++
        yield token
      }
    }
    for (const source of lexer.lex(text)) {
      yield* watched(parser.next(source))
      if (errors > maximumErrors || (extent === "first" && begun > 1)) return
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
    if (code === "BAD_DQ_ESCAPE" && typeof source === "number" && isQuoteEscaped(text, source)) return
    if (warning !== true && ++reported <= maximumErrors) report(source, code, message)
  }
  const documents: Array<ReadDocument> = []
  for (const document of composer.compose(tokens(), true, text.length)) {
    const [error] = refusal === undefined ? document.errors.toSorted((a, b) => a.pos[0] - b.pos[0]) : []
    documents.push({ document: document as Document.Parsed, refusal, error })
    if (extent === "first") break
  }
  return { documents, ignored, hasMore: begun > 1 }
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
