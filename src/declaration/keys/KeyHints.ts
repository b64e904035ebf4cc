import { KeyDuplicate, KeyMisplaced, KeyUnknown, KeyUnsupported } from "../DeclarationWarning.ts"
import type { Finding } from "../yaml/Finding.ts"
import type { Slip } from "../Findings.ts"
import type { DeclarationWarning } from "../DeclarationWarning.ts"
import { KeyInWrongPlace, KeyMisspelt } from "./KeyProblem.ts"
import { keysElsewhere, keysOfOthers, synonyms } from "./KubernetesKeys.ts"
import { nearest } from "../../text/nearest.ts"
import { type RecordShape, recordsOf, type Shape } from "./Shape.ts"
import type { Span } from "../yaml/YamlNode.ts"
import { visible } from "../../text/printable.ts"
import type { YamlField } from "../yaml/yamlFields.ts"

/** A key that the record does not have. */
export interface IgnoredKey {
  readonly key: string
  readonly owner: RecordShape
  readonly span: Span
}

/** What to say about a key that the record does not have. */
export interface KeyHint {
  /** It is one that we know of, or looks like one: the key itself may be shown. */
  readonly shown: boolean
  /** The record's own key that was meant. */
  readonly meant?: string
  /** A misspelt or misplaced key of ours. */
  readonly slip?: Slip
  /** Any other. */
  readonly warning?: Finding<DeclarationWarning>["make"]
}

/** Keys of every Kubernetes object: expected, and without a meaning here. So are `x-…` keys, which hold anchors. */
const customary = /^(?:apiVersion|kind|metadata|x-.*)$/

/**
 * What keys look like that people make up. Anything else may be a value that slipped out of its place, as when a line of
 * a block scalar loses its indentation.
 */
const keyLike = /^(?=.{1,40}$)[a-z][a-zA-Z]*(?:[_-][a-zA-Z]+)*$/

/** So many different keys are compared with those that exist. */
const maximumCompared = 1000

/** Shorter words are near to too many others. */
const minimumLength = 5

/** The same word in other spellings: `restart_policy`, `restart-policy`, `RestartPolicy`. */
const spelling = (key: string): string => (key.length > maximumLength ? key : key.toLowerCase().replaceAll(/[_-]/g, ""))

/** Longer than any key, however it is spelt. */
const maximumLength = 64

const bySpelling = <A>(entries: Iterable<readonly [key: string, value: A]>): ReadonlyMap<string, A> =>
  new Map([...entries].toReversed().map(([key, value]) => [spelling(key), value]))

const othersBySpelling = bySpelling(keysOfOthers)
const synonymsBySpelling = bySpelling(synonyms)

/** A key of ours and the record that it belongs to. */
interface OwnKey {
  readonly name: string
  readonly owner: RecordShape
}

/** What to say about keys that are not as they should be. */
export class KeyHints {
  readonly #root: Shape
  readonly #own: ReadonlyMap<string, OwnKey>
  readonly #ofRecord: ReadonlyMap<RecordShape, ReadonlyMap<string, string>>
  readonly #compared = new Map<string, KeyHint | undefined>()

  constructor(root: Shape) {
    this.#root = root
    const records = recordsOf(root)
    const names = records.map((owner) => [owner, [...owner.fields.keys()]] as const)
    this.#own = bySpelling(names.flatMap(([owner, keys]) => keys.map((name) => [name, { name, owner }] as const)))
    this.#ofRecord = new Map(names.map(([owner, keys]) => [owner, bySpelling(keys.map((key) => [key, key]))]))
  }

  /**
   * `secret`: what the key stands in may hold secrets, so the key is named only if it is one that we know of. What is known
   * exactly, in whatever spelling, comes before what is only near: `initContainers` is no misspelt `containers`.
   */
  of({ key, owner }: IgnoredKey, { secret }: { readonly secret: boolean }): KeyHint {
    if (owner === this.#root && customary.test(key)) return { shown: true }
    const spelt = spelling(key)
    const own = this.#ofRecord.get(owner) ?? new Map<string, string>()
    const synonym = synonymsBySpelling.get(spelt)
    const exact = own.get(spelt) ?? (synonym === undefined ? undefined : own.get(spelling(synonym)))
    if (exact !== undefined) return misspelt(key, owner, exact)

    const others = keysElsewhere.get(`${owner.title}.${key}`) ?? othersBySpelling.get(spelt)
    if (others !== undefined) return unsupported(key, owner, others)
    const elsewhere = this.#own.get(spelling(synonym ?? key))
    if (elsewhere !== undefined) return misplaced(key, owner, elsewhere)

    const near = this.#near(key, owner, secret)
    if (near !== undefined) return near

    const shown = !secret && keyLike.test(key)
    return {
      shown,
      warning: (position) =>
        new KeyUnknown({
          ...position,
          key: shown ? visible(key) : "…",
          owner: owner.title,
          suggestion: undefined
        })
    }
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
    const words = [
      ...owner.fields.keys(),
      ...[...synonyms].flatMap(([word, own]) => (owner.fields.has(own) ? word : []))
    ]
    const near = nearest(key, secret ? words : [...words, ...keysOfOthers.keys()])
    const meant = near === undefined || owner.fields.has(near) ? near : synonyms.get(near)
    if (meant !== undefined) return misspelt(key, owner, meant)
    if (near !== undefined) return unsupported(key, owner, keysOfOthers.get(near)!)
    const elsewhere = secret || key.length < minimumLength ? undefined : nearest(spelling(key), this.#own.keys())
    return elsewhere === undefined ? undefined : misplaced(key, owner, this.#own.get(elsewhere)!)
  }
}

const misspelt = (key: string, { title }: RecordShape, suggestion: string): KeyHint => {
  const common = { key: visible(key), owner: title, suggestion }
  return {
    shown: true,
    meant: suggestion,
    slip: {
      problem: (position) => new KeyMisspelt({ ...position, ...common }),
      warning: (position) => new KeyUnknown({ ...position, ...common })
    }
  }
}

const misplaced = (key: string, { title }: RecordShape, { name, owner }: OwnKey): KeyHint => {
  const common = { key: visible(key), owner: title, meant: name, belongsTo: owner.title }
  return {
    shown: true,
    slip: {
      problem: (position) => new KeyInWrongPlace({ ...position, ...common }),
      warning: (position) => new KeyMisplaced({ ...position, ...common })
    }
  }
}

const unsupported = (key: string, { title }: RecordShape, advice: string): KeyHint => ({
  shown: true,
  warning: (position) => new KeyUnsupported({ ...position, key: visible(key), owner: title, advice })
})

/** About the last of several keys of one name. */
export const duplicateKey =
  (owner: RecordShape, name: string, { key, replaced }: YamlField): Finding<DeclarationWarning>["make"] =>
  (position, { lineOf }) =>
    new KeyDuplicate({
      ...position,
      key: owner.fields.has(name) ? name : "…",
      firstLine: lineOf(replaced.at(-1) ?? key)
    })
