import type { Finding } from "../yaml/Finding.ts"
import type { Report } from "../Findings.ts"
import { asksForNothing } from "./asksForNothing.ts"
import { composeKeys, synonyms } from "./ComposeKeys.ts"
import type { Fate } from "./Fate.ts"
import {
  KeyDuplicate,
  KeyInWrongPlace,
  KeyMeaningless,
  KeyMisplaced,
  KeyMisspelt,
  KeyRefused,
  KeyUnknown,
  KeyUnsupported
} from "./KeyProblem.ts"
import type { IgnoredKey, JudgedKey, KeyRules } from "./KeyRules.ts"
import { fates } from "./KubernetesKeys.ts"
import { siblings } from "./SiblingKeys.ts"
import { nearest } from "../../text/nearest.ts"
import { type FieldShape, type RecordShape, recordsOf, type Shape } from "./Shape.ts"
import { visible } from "../../text/printable.ts"

type KeyProblem = KeyMisspelt | KeyInWrongPlace | KeyRefused
type KeyWarning = KeyUnknown | KeyMisplaced | KeyMeaningless | KeyUnsupported | KeyDuplicate

/** What to say about a key that the record does not have. */
interface KeyHint extends JudgedKey {
  /** To Slipway a misspelt, misplaced or refused key is a problem; konlet ignored it. */
  readonly problem?: Finding<KeyProblem>["make"] | undefined
  readonly warning?: Finding<KeyWarning>["make"] | undefined
}

/** Keys that every Kubernetes object has, and `x-…`, which hold anchors: nobody needs to be told that they do nothing. */
const customary = /^(?:apiVersion|kind|metadata|status|x-.*)$/

/**
 * What a made-up key looks like. Anything else may be a value that slipped out of its place, as when a line of a block
 * scalar loses its indentation.
 */
const keyLike = /^(?=.{1,40}$)[a-z][a-zA-Z]*(?:[_-][a-zA-Z]+)*$/

/** As many different keys are compared with those that exist; comparing takes time. */
const maximumCompared = 1000

/** Shorter words are close to too many others. */
const minimumLength = 5

/** The same word in other spellings: `restart_policy`, `restart-policy`, `RestartPolicy`. */
const spelling = (key: string): string => (key.length > maximumLength ? key : key.toLowerCase().replaceAll(/[_-]/g, ""))

/** Longer than any key, however it is spelt. */
const maximumLength = 64

const bySpelling = <A>(entries: Iterable<readonly [key: string, value: A]>): ReadonlyMap<string, A> =>
  new Map([...entries].toReversed().map(([key, value]) => [spelling(key), value]))

const composeKeysBySpelling = bySpelling(composeKeys)
const synonymsBySpelling = bySpelling(synonyms)
const siblingsBySpelling = new Map([...siblings].map(([title, words]) => [title, bySpelling(words)]))

/** A field of Kubernetes that a declaration does not have, and the title of the mapping that Kubernetes has it in. */
interface FatedKey {
  readonly name: string
  readonly title: string
  readonly fate: Fate
}

const fatedKeys: ReadonlyArray<FatedKey> = [...fates].flatMap(([title, keys]) =>
  [...keys].map(([name, fate]) => ({ name, title, fate }))
)
const fatesBySpelling = bySpelling(fatedKeys.map((fated) => [fated.name, fated] as const))
const fatesOfMapping: ReadonlyMap<string, ReadonlyMap<string, FatedKey>> = new Map(
  [...fates.keys()].map((title) => [
    title,
    bySpelling(fatedKeys.flatMap((fated) => (fated.title === title ? [[fated.name, fated] as const] : [])))
  ])
)

/** The keys of a shape, by their spelling: all, and those of each record. */
interface KeysOfShape {
  readonly all: ReadonlyMap<string, KeyElsewhere>
  readonly ofRecord: ReadonlyMap<RecordShape, ReadonlyMap<string, string>>
}

const keysOf = (root: Shape): KeysOfShape => {
  const names = recordsOf(root).map((owner) => [owner, [...owner.fields.keys()]] as const)
  return {
    all: bySpelling(names.flatMap(([{ title }, keys]) => keys.map((name) => [name, { name, title }] as const))),
    ofRecord: new Map(names.map(([owner, keys]) => [owner, bySpelling(keys.map((key) => [key, key]))]))
  }
}

/** How a declaration's keys are judged: by what people most likely meant. */
export class KeyHints implements KeyRules {
  readonly #root: Shape
  readonly #report: Report<KeyProblem, KeyWarning>
  readonly #compared = new Map<string, KeyHint | undefined>()
  #found: KeysOfShape | undefined

  constructor(root: Shape, report: Report<KeyProblem, KeyWarning>) {
    this.#root = root
    this.#report = report
  }

  /** Most declarations have no key that is unknown, and so nothing to compare it with. */
  get #known(): KeysOfShape {
    return (this.#found ??= keysOf(this.#root))
  }

  readonly unknown: KeyRules["unknown"] = (ignored, { secret }) => {
    const { shown, meant, problem, warning } = this.#hint(ignored, secret)
    if (problem !== undefined) this.#report.slip(ignored.span, problem, warning)
    else if (warning !== undefined) this.#report.warning(ignored.span, warning)
    return { shown, meant: this.#report.toleratesSlips ? undefined : meant }
  }

  readonly duplicate: KeyRules["duplicate"] = (owner, name, { key, replaced }) => {
    const shown = owner.fields.has(name) ? name : "…"
    this.#report.warning(key, (position, { lineOf }) => {
      return new KeyDuplicate({ ...position, key: shown, firstLine: lineOf(replaced.at(-1) ?? key) })
    })
  }

  /** An exact match in any spelling comes before a near one: `initContainers` is no misspelt `containers`. */
  #hint({ key, owner, value }: IgnoredKey, secret: boolean): KeyHint {
    if (owner === this.#root && customary.test(key)) return { shown: true }
    const spelt = spelling(key)
    const own = this.#known.ofRecord.get(owner) ?? new Map<string, string>()
    const synonym = synonymsBySpelling.get(spelt)
    const exact =
      own.get(spelt) ??
      siblingsBySpelling.get(owner.title)?.get(spelt) ??
      (synonym === undefined ? undefined : own.get(spelling(synonym)))
    if (exact !== undefined) return misspelt(key, owner, exact)

    const fated = fatesOfMapping.get(owner.title)?.get(spelt)
    if (fated?.name === key && asksForNothing(value, owner.title, fated.fate)) return { shown: true }
    if (fated !== undefined)
      return fated.name === key ? judged(key, owner, fated.fate) : misspeltFate(key, owner, fated)
    const others = composeKeysBySpelling.get(spelt)
    if (others !== undefined) return unsupported(key, owner, others)
    const elsewhere = this.#below(owner, spelt) ?? this.#known.all.get(spelling(synonym ?? key))
    if (elsewhere !== undefined) return misplaced(key, owner, elsewhere)
    const fatedElsewhere = fatesBySpelling.get(spelt)
    if (fatedElsewhere !== undefined) return misplacedFate(key, owner, fatedElsewhere)

    const near = this.#near(key, owner, secret)
    if (near !== undefined) return near

    const shown = !secret && keyLike.test(key)
    const common = { key: shown ? visible(key) : "…", owner: owner.title, suggestion: undefined }
    return { shown, warning: (position) => new KeyUnknown({ ...position, ...common }) }
  }

  /** Of all mappings that have the key those are meant first that stand right below this one. */
  #below(owner: RecordShape, spelt: string): KeyElsewhere | undefined {
    for (const field of owner.fields.values()) {
      const inside = recordIn(field)
      const name = inside && this.#known.ofRecord.get(inside)?.get(spelt)
      if (name !== undefined) return { name, title: inside!.title }
    }
    return undefined
  }

  /** Comparing takes time, so that only so many different keys are compared; who makes up more has other problems. */
  #near(key: string, owner: RecordShape, secret: boolean): KeyHint | undefined {
    const id = `${owner.title}.${secret}.${key}`
    if (!this.#compared.has(id) && this.#compared.size < maximumCompared) {
      this.#compared.set(id, this.#compare(key, owner, secret))
    }
    return this.#compared.get(id)
  }

  #compare(key: string, owner: RecordShape, secret: boolean): KeyHint | undefined {
    const own = siblings.get(owner.title)
    const words = [
      ...owner.fields.keys(),
      ...(own?.keys() ?? []),
      ...[...synonyms].flatMap(([word, meant]) => (owner.fields.has(meant) ? word : []))
    ]
    const ofMapping = fates.get(owner.title)
    const near = nearest(key, secret ? words : [...words, ...(ofMapping?.keys() ?? []), ...composeKeys.keys()])
    const meant = near === undefined || owner.fields.has(near) ? near : (own?.get(near) ?? synonyms.get(near))
    if (meant !== undefined) return misspelt(key, owner, meant)
    const fate = near === undefined ? undefined : ofMapping?.get(near)
    if (fate !== undefined) return misspeltFate(key, owner, { name: near!, title: owner.title, fate })
    if (near !== undefined) return unsupported(key, owner, composeKeys.get(near)!)
    const elsewhere = secret || key.length < minimumLength ? undefined : nearest(spelling(key), this.#known.all.keys())
    return elsewhere === undefined ? undefined : misplaced(key, owner, this.#known.all.get(elsewhere)!)
  }
}

/** The mapping that a key has, or a list of which it has. */
const recordIn = ({ shape }: FieldShape): RecordShape | undefined =>
  shape._tag === "Record" ? shape : shape._tag === "List" && shape.item._tag === "Record" ? shape.item : undefined

const misspelt = (key: string, { title }: RecordShape, suggestion: string): KeyHint => {
  const common = { key: visible(key), owner: title, suggestion }
  return {
    shown: true,
    meant: suggestion,
    problem: (position) => new KeyMisspelt({ ...position, ...common }),
    warning: (position) => new KeyUnknown({ ...position, ...common })
  }
}

/** A key and the title of the mapping that it belongs to. */
interface KeyElsewhere {
  readonly name: string
  readonly title: string
}

const misplaced = (key: string, owner: RecordShape, { name, title: belongsTo }: KeyElsewhere): KeyHint => {
  const common = { key: visible(key), owner: owner.title, meant: name, belongsTo }
  return {
    shown: true,
    problem: (position) => new KeyInWrongPlace({ ...position, ...common }),
    warning: (position) => new KeyMisplaced({ ...position, ...common })
  }
}

const unsupported = (key: string, { title }: RecordShape, advice: string): KeyHint => ({
  shown: true,
  warning: (position) => new KeyUnsupported({ ...position, key: visible(key), owner: title, advice })
})

/** What is said of a field that Kubernetes has in this mapping. */
const judged = (key: string, owner: RecordShape, fate: Fate): KeyHint => {
  const common = { key: visible(key), owner: owner.title }
  switch (fate._tag) {
    case "Meaningless":
      return { shown: true, warning: (position) => new KeyMeaningless({ ...position, ...common, why: fate.why }) }
    case "Refused": {
      const { why, advice, instead } = fate
      return {
        shown: true,
        meant: instead,
        problem: (position) => new KeyRefused({ ...position, ...common, why, advice }),
        warning: (position) => new KeyUnsupported({ ...position, ...common, advice })
      }
    }
  }
}

/** Only what is refused needs to be right. */
const misspeltFate = (key: string, owner: RecordShape, { name, fate }: FatedKey): KeyHint => {
  const { warning, ...hint } = misspelt(key, owner, name)
  return fate._tag === "Refused" ? { ...hint, warning, meant: fate.instead } : { shown: true, warning }
}

const misplacedFate = (key: string, owner: RecordShape, { name, title, fate }: FatedKey): KeyHint => {
  const { problem, warning } = misplaced(key, owner, { name, title })
  return fate._tag === "Refused" ? { shown: true, problem, warning } : { shown: true, warning }
}
