import * as Result from "effect/Result"
import { parseDocuments } from "../../declaration/yaml/parseYaml.ts"
import { readText } from "../../declaration/yaml/readText.ts"
import { TextMap } from "../../declaration/yaml/TextMap.ts"
import { type AliasBudget, yamlFields } from "../../declaration/yaml/yamlFields.ts"
import { dereference, type YamlNode, type YamlScalar, type YamlTarget } from "../../declaration/yaml/YamlNode.ts"
import { isNull, toBoolean, toNumber } from "../../declaration/yaml/YamlScalarValue.ts"
import { goText } from "./goText.ts"
import { SourceInvalid } from "./SourceInvalid.ts"
import type { Origin } from "./Value.ts"
import { keyPath, type Oddity, yamlOddities } from "./yamlOddities.ts"

/** What all nodes of a text share. */
interface Text {
  readonly file: string
  readonly lineOf: (node: YamlNode) => number
  readonly budget: AliasBudget
  /** What becomes of a text before it is read. */
  readonly interpolate: (text: string, at: Origin) => string
}

/** A value of a YAML or JSON text, with its place. */
export class SourceNode {
  readonly at: Origin
  readonly #node: YamlTarget
  readonly #text: Text
  #entries: ReadonlyArray<readonly [key: string, value: SourceNode]> | undefined
  #items: ReadonlyArray<SourceNode> | undefined

  constructor(node: YamlNode, path: string, text: Text) {
    this.#node = dereference(node)
    this.#text = text
    this.at = { path, line: text.lineOf(node) }
  }

  get path(): string {
    return this.at.path
  }

  /** A mapping's keys and values, merges included, in order. */
  get entries(): ReadonlyArray<readonly [key: string, value: SourceNode]> {
    return (this.#entries ??= this.#readEntries())
  }

  get items(): ReadonlyArray<SourceNode> {
    return (this.#items ??= this.#readItems())
  }

  #readEntries(): ReadonlyArray<readonly [key: string, value: SourceNode]> {
    if (this.#node._tag !== "Mapping" || this.#text.budget.left < 0) return []
    const { fields } = yamlFields(this.#node, this.#text.budget, { merge: true })
    return [...fields].flatMap(([key, { value, aliased }]) => {
      if (aliased && --this.#text.budget.left < 0) return []
      return [[key, new SourceNode(value, keyPath(this.path, key), this.#text)] as const]
    })
  }

  #readItems(): ReadonlyArray<SourceNode> {
    if (this.#node._tag !== "Sequence") return []
    return this.#node.items.flatMap((item, index) => {
      if (item._tag === "Alias" && --this.#text.budget.left < 0) return []
      return [new SourceNode(item, `${this.path}[${index}]`, this.#text)]
    })
  }

  get kind(): "null" | "text" | "list" | "mapping" {
    if (this.#node.tag === resetTag) return "null"
    if (this.#node._tag === "Scalar") return isNull(this.#node) ? "null" : "text"
    return this.#node._tag === "Sequence" ? "list" : "mapping"
  }

  /** It takes the place of what is there already, rather than being merged with it. */
  get replaces(): boolean {
    return this.#node.tag === resetTag || this.#node.tag === overrideTag
  }

  /** As it is written, before anything is replaced in it. Undefined where it is null, or no scalar. */
  get written(): string | undefined {
    return this.kind === "text" ? (this.#node as YamlScalar).text : undefined
  }

  /** Undefined where it is null, or no scalar. */
  get text(): string | undefined {
    const { written } = this
    return written === undefined ? undefined : this.#text.interpolate(written, this.at)
  }

  /** The text that Compose makes of it where a text is wanted, which is another one of a number: see `goText`. */
  get goText(): string | undefined {
    const isResolved = this.#node._tag === "Scalar" && this.#node.plain && this.#node.tag === undefined
    const { text } = this
    return isResolved && text !== undefined && text === this.written ? goText(text) : text
  }

  /** Undefined where it is none. A text that says true or false counts, as it may come of a variable. */
  get boolean(): boolean | undefined {
    return this.#node._tag !== "Scalar" ? undefined : toBoolean({ ...this.#node, plain: true, text: this.text ?? "" })
  }

  /** The number that a plain scalar is. */
  get number(): number | undefined {
    return this.#node._tag === "Scalar" ? toNumber(this.#node) : undefined
  }

  /** A plain scalar that is a boolean to YAML. */
  get plainBoolean(): boolean | undefined {
    return this.#node._tag === "Scalar" ? toBoolean(this.#node) : undefined
  }

  /** The value below these keys. */
  get(...keys: ReadonlyArray<string>): SourceNode | undefined {
    const [key, ...below] = keys
    if (key === undefined) return this
    return this.entries.find(([name]) => name === key)?.[1].get(...below)
  }

  /** Of the whole text: aliases stand for more than is read, so that some of it is missing. */
  get tooMuch(): SourceInvalid | undefined {
    return this.#text.budget.left < 0
      ? this.fail("its aliases unfold to more than can be read", "Write out what they stand for.")
      : undefined
  }

  /** What a reader of YAML would pass over in silence: see `yamlOddities`. */
  get oddities(): ReadonlyArray<Oddity> {
    return yamlOddities(this.#node, this.path)
  }

  fail(detail: string, advice: string): SourceInvalid {
    return SourceInvalid.of(this.#text.file, { line: this.at.line, path: this.path, detail, advice })
  }
}

/** Compose's. https://docs.docker.com/reference/compose-file/merge/ */
const resetTag = "!reset"
const overrideTag = "!override"

/** As many nodes may be reached through aliases. */
const maximumAliased = 100_000

/** The documents of a text that holds any. */
export const readNodes = (
  file: string,
  source: string | Uint8Array,
  interpolate: Text["interpolate"] = (text) => text
): Result.Result<ReadonlyArray<SourceNode>, SourceInvalid> => {
  const fail = (line: number, detail: string, advice: string) =>
    Result.fail(SourceInvalid.of(file, { line, path: "", detail, advice }))
  const read = readText(source)
  if (Result.isFailure(read)) {
    const { text, refusal } = read.failure
    const map = new TextMap(file, text)
    const view = map.view({ scalars: [], isShown: () => false })
    const { line, message, advice } = refusal.make(map.positionOnly(refusal.span, new Set()), view)
    return fail(line, message, advice)
  }
  const map = new TextMap(file, read.success)
  const view = map.view({ scalars: [], isShown: () => false })
  const { roots, failure } = parseDocuments(read.success)
  if (failure !== undefined) {
    const { line, message, advice } = failure.make(map.positionOnly(failure.span, new Set()), view)
    return fail(line, message, advice)
  }
  const text: Text = { file, lineOf: (node) => view.lineOf(node), budget: { left: maximumAliased }, interpolate }
  return roots.length === 0
    ? fail(1, "there is nothing in it", "Give the file that is to be converted.")
    : Result.succeed(roots.map((root) => new SourceNode(root, "", text)))
}
