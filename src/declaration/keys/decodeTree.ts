import * as Result from "effect/Result"
import type * as Schema from "effect/Schema"
import { refuse } from "../yaml/readText.ts"
import type { Finding } from "../yaml/Finding.ts"
import type { Report } from "../Findings.ts"
import { Places } from "../yaml/Places.ts"
import { forbiddenCharacter, readScalar, zeroOf } from "./readScalar.ts"
import { type RecordShape, type Shape, shapeOf } from "./Shape.ts"
import { CharacterNotAllowed, type DeclarationRefused, ValueTypeInvalid } from "../yaml/TextProblem.ts"
import type { IgnoredKey, KeyRules } from "./KeyRules.ts"
import { Marks } from "./Marks.ts"
import { mask } from "../yaml/TextMap.ts"
import { type YamlField, yamlFields } from "../yaml/yamlFields.ts"
import {
  dereference,
  type Span,
  type YamlMapping,
  type YamlNode,
  type YamlScalar,
  type YamlTarget
} from "../yaml/YamlNode.ts"
import { describeNode, isNull, toNumber } from "../yaml/YamlScalarValue.ts"

export interface DecodedTree<A> {
  /** Complete, so that everything can be checked: what is missing or of the wrong type has its type's zero value. */
  readonly value: A
  readonly places: Places
  readonly ignoredKeys: ReadonlyArray<IgnoredKey>
  /** Known keys, and known values that are no secrets, may be shown. */
  readonly isShown: (scalar: YamlScalar) => boolean
}

/** What a value can have wrong with it, whatever it stands for. */
type ValueProblem = ValueTypeInvalid | CharacterNotAllowed

/** How a tree is read. */
export interface Reading {
  readonly report: Pick<Report<ValueProblem, never>, "problem" | "slip">
  /** How its keys are judged; given the shape of the schema. */
  readonly keys: (shape: Shape) => KeyRules
  /**
   * `go`: as Go's yaml.v2 reads a struct, which konlet did. Null is a zero value, every scalar is a text, and merges (`<<`)
   * count. `strict`: null is refused where a value is expected, a text that looks like another type needs quotes, and a
   * merge is a key like others.
   */
  readonly values: "go" | "strict"
  /** Those of the text, if other trees are read of it as well. */
  readonly marks?: Marks
}

/** Reads a YAML tree by a schema, with every value's place. Fails where aliases unfold to more than can be read. */
export const decodeTree = <S extends Schema.Constraint>(
  schema: S,
  root: YamlNode | undefined,
  reading: Reading
): Result.Result<DecodedTree<S["Type"]>, Finding<DeclarationRefused>> =>
  new TreeDecoder(shapeOf(schema), reading).decode(root ?? nothing({ start: 0, end: 0 }))

/** Where a value stands. */
interface Spot {
  readonly path: string
  /** Where the value was written: an alias's place, not that of what it points to. */
  readonly span: Span
  readonly secret: boolean
  /** It was reached through an alias, and counts against the budget. */
  readonly aliased: boolean
  /** It is part of a stand-in for something of the wrong type. */
  readonly invalid: boolean
  /** It is part of a key that konlet did not know. */
  readonly newer: boolean
}

interface Read {
  readonly value: unknown
  readonly invalid: boolean
}

class TreeDecoder {
  readonly #shape: Shape
  readonly #keys: KeyRules
  readonly #report: Reading["report"]
  readonly #isStrict: boolean
  readonly #places = new Places()
  readonly #ignoredKeys: Array<IgnoredKey> = []
  readonly #marks: Marks

  constructor(shape: Shape, { report, keys, values, marks = new Marks() }: Reading) {
    this.#shape = shape
    this.#keys = keys(shape)
    this.#report = report
    this.#isStrict = values === "strict"
    this.#marks = marks
  }

  decode<A>(root: YamlNode): Result.Result<DecodedTree<A>, Finding<DeclarationRefused>> {
    const aliased = root._tag === "Alias"
    const spot = { path: "", span: root, secret: false, aliased, invalid: false, newer: false }
    const { value } = this.#read(this.#shape, dereference(root), spot)
    if (this.#marks.budget.left < 0) return Result.fail(refuse("TooManyAliases", root.start))
    return Result.succeed({
      value: value as A,
      places: this.#places,
      ignoredKeys: this.#ignoredKeys,
      isShown: this.#marks.isShown
    })
  }

  /** What was written, where strictly something must be. */
  #written(shape: Shape, node: YamlTarget, spot: Spot): Read {
    return this.#isStrict && node._tag === "Scalar" && isNull(node)
      ? this.#misfit(shape, node, spot)
      : this.#read(shape, node, spot)
  }

  #read(shape: Shape, node: YamlTarget, spot: Spot): Read {
    if (spot.secret) this.#hide(node)
    if (spot.aliased && --this.#marks.budget.left < 0) return this.#standIn(shape, spot)
    if (node._tag === "Scalar" && isNull(node)) {
      this.#marks.known.add(node)
      return { value: this.#zero(shape, spot), invalid: false }
    }
    if (shape._tag === "Record" && node._tag === "Mapping") {
      return { value: this.#record(shape, node, spot), invalid: false }
    }
    if (shape._tag === "List" && node._tag === "Sequence") {
      return { value: this.#list(shape.item, node.items, spot), invalid: false }
    }
    if (shape._tag === "Map" && node._tag === "Mapping") {
      return { value: this.#map(shape.value, node, spot), invalid: false }
    }
    if (shape._tag === "Record" || shape._tag === "List" || shape._tag === "Map" || node._tag !== "Scalar") {
      return this.#misfit(shape, node, spot)
    }
    this.#marks.known.add(node)
    if (spot.secret) this.#marks.secret.add(node)
    const orNumber = shape._tag === "Text" && shape.orNumber
    const value = readScalar(shape._tag, node, { isStrict: this.#isStrict, orNumber })
    if (value === undefined) return this.#misfit(shape, node, spot)
    const character = typeof value === "string" ? forbiddenCharacter(value) : undefined
    if (character === undefined) return { value, invalid: false }
    const { path } = spot
    this.#problem(spot, (position) => new CharacterNotAllowed({ ...position, path, character }))
    return this.#standIn(shape, spot)
  }

  #record(shape: RecordShape, mapping: YamlMapping, spot: Spot): object {
    const { fields, misfits } = yamlFields(mapping, this.#marks.budget, { merge: !this.#isStrict })
    for (const { node, expected } of misfits) this.#reportType(expected, dereference(node), { ...spot, span: node })
    const unknown = new Set<string>()
    for (const [name, field] of fields) {
      const meant = this.#key(shape, name, field, spot)
      if (meant !== undefined && !fields.has(meant)) unknown.add(meant)
    }
    const record: Record<string, unknown> = {}
    for (const [name, { shape: inner, optional, secret, open, newer }] of shape.fields) {
      const field = fields.get(name)
      const node = field?.value ?? nothing(spot.span)
      const span = field?.span ?? spot.span
      const path = spot.path === "" ? name : `${spot.path}.${name}`
      const aliased = spot.aliased || field?.aliased === true
      const invalid = spot.invalid || unknown.has(name)
      if (open) this.#reveal(node)
      const isSecret = (spot.secret && !open) || secret
      const inside = { path, span, secret: isSecret, aliased, invalid, newer: spot.newer || newer }
      const read = field === undefined ? this.#read(inner, node, inside) : this.#written(inner, node, inside)
      this.#places.set(record, name, { node, span, path, invalid: read.invalid || invalid })
      if (!optional || !(node._tag === "Scalar" && isNull(node))) record[name] = read.value
    }
    return record
  }

  #map(shape: Shape, mapping: YamlMapping, spot: Spot): object {
    const { fields, misfits } = yamlFields(mapping, this.#marks.budget, { merge: !this.#isStrict })
    for (const { node, expected } of misfits) this.#reportType(expected, dereference(node), { ...spot, span: node })
    // Without a prototype, as any key may be written.
    const map: Record<string, unknown> = Object.create(null)
    for (const [name, field] of fields) {
      if (field.replaced.length > 0) this.#keys.duplicate(ofAnyKeys, name, field)
      if (!spot.secret) this.#marks.known.add(field.key)
      const path = `${spot.path}.${spot.secret ? mask : name}`
      const aliased = spot.aliased || field.aliased
      const read = this.#written(shape, field.value, { ...spot, path, span: field.span, aliased })
      this.#places.set(map, name, { node: field.value, span: field.span, path, invalid: read.invalid })
      map[name] = read.value
    }
    return map
  }

  #list(shape: Shape, items: ReadonlyArray<YamlNode>, spot: Spot): ReadonlyArray<unknown> {
    const list: Array<unknown> = []
    for (const [index, item] of items.entries()) {
      const node = dereference(item)
      const path = `${spot.path}[${index}]`
      const read = this.#written(shape, node, { ...spot, path, span: item, aliased: spot.aliased || node !== item })
      this.#places.set(list, index, { node, span: item, path, invalid: read.invalid })
      list.push(read.value)
    }
    return list
  }

  /** Gives the key of the record that was meant by one that it does not have. */
  #key(shape: RecordShape, name: string, field: YamlField, spot: Spot): string | undefined {
    if (field.replaced.length > 0) this.#keys.duplicate(shape, name, field)
    if (shape.fields.has(name)) {
      this.#marks.known.add(field.key)
      return undefined
    }
    const ignored: IgnoredKey = { key: name, owner: shape, span: field.key, value: dereference(field.value) }
    this.#ignoredKeys.push(ignored)
    const { shown, meant } = this.#keys.unknown(ignored, { secret: spot.secret || field.keyOnly })
    if (shown) this.#marks.known.add(field.key)
    return meant
  }

  #misfit(shape: Shape, node: YamlTarget, spot: Spot): Read {
    this.#reportType(expectations[shape._tag], node, spot)
    return this.#standIn(shape, spot)
  }

  #reportType(expected: ValueTypeInvalid["expected"], node: YamlTarget, spot: Spot): void {
    const isTagged = this.#isStrict && node._tag === "Scalar" && node.tag !== undefined
    const found = isTagged ? "a tag" : expected === "a whole number" ? describeOther(node) : describeNode(node)
    const path = spot.path === "" ? (this.#shape._tag === "Record" ? this.#shape.title : "it") : spot.path
    const isPlaceholder = isBraced(node)
    this.#problem(spot, (position) => new ValueTypeInvalid({ ...position, path, expected, found, isPlaceholder }))
  }

  #problem({ newer, span }: Spot, make: Finding<ValueProblem>["make"]): void {
    if (newer) this.#report.slip(span, make)
    else this.#report.problem(span, make)
  }

  #standIn(shape: Shape, spot: Spot): Read {
    return { value: this.#zero(shape, { ...spot, invalid: true }), invalid: true }
  }

  #zero(shape: Shape, spot: Spot): unknown {
    if (shape._tag === "Record") {
      const { start, end } = spot.span
      return this.#record(shape, { _tag: "Mapping", entries: [], start, end }, { ...spot, aliased: false })
    }
    if (shape._tag === "Map") return Object.create(null)
    return shape._tag === "List" ? [] : zeroOf[shape._tag]
  }

  /** Hides everything below a node; one that aliases share is hidden everywhere. */
  #hide(node: YamlTarget): void {
    this.#markAll(node, this.#marks.hidden)
  }

  #reveal(node: YamlTarget): void {
    this.#markAll(node, this.#marks.revealed)
  }

  #markAll(node: YamlTarget, marked: Set<YamlTarget>): void {
    if (marked.has(node)) return
    marked.add(node)
    if (node._tag === "Sequence") node.items.forEach((item) => this.#markAll(dereference(item), marked))
    if (node._tag === "Mapping") node.entries.forEach((entry) => this.#markAll(dereference(entry.value), marked))
  }
}

/** Stands for a mapping that may have any keys, none of which is known beforehand. */
const ofAnyKeys: RecordShape = { _tag: "Record", title: "a mapping", fields: new Map() }

const nothing = ({ start, end }: Span): YamlScalar => ({
  _tag: "Scalar",
  text: "",
  plain: true,
  tag: undefined,
  start,
  end
})

const expectations = {
  Text: "text",
  Boolean: "a boolean",
  Integer: "a whole number",
  List: "a list",
  Map: "a mapping",
  Record: "a mapping"
} as const satisfies Record<Shape["_tag"], ValueTypeInvalid["expected"]>

/** To YAML `{{ name }}` is a mapping whose key is a mapping. */
const isBraced = (node: YamlTarget): boolean =>
  node._tag === "Mapping" && node.entries[0]?.key._tag === "Mapping" && node.entries[0].key.start === node.start + 1

/** What stands in the place of a whole number. */
const describeOther = (node: YamlTarget): string => {
  const number = node._tag === "Scalar" ? toNumber(node) : undefined
  if (number === undefined) return describeNode(node)
  return Number.isInteger(number) ? "a number as large as this" : "a fraction"
}
