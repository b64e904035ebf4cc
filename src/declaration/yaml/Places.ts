import type { Span, YamlTarget } from "./YamlNode.ts"

/** Where a value was written. */
export interface Place {
  readonly node: YamlTarget
  /** If the key was not written, that of the record around it. */
  readonly span: Span
  /** As in `spec.containers[0].image`. */
  readonly path: string
  /** The value is a stand-in: what was written has the wrong type, which has been reported. */
  readonly invalid: boolean
}

/** The places of a decoded declaration's values, found by the record or list that holds them. */
export class Places {
  readonly #places = new WeakMap<object, Map<PropertyKey, Place>>()

  set(owner: object, key: PropertyKey, place: Place): void {
    const known = this.#places.get(owner)
    if (known === undefined) this.#places.set(owner, new Map([[key, place]]))
    else known.set(key, place)
  }

  /** The place of a key's value, or of a list's item. Throws for what was not decoded along with these places. */
  of<A extends object>(owner: A, key: keyof A): Place {
    const place = this.#places.get(owner)?.get(key)
    if (place === undefined) throw new RangeError(`no place is known for "${String(key)}"`)
    return place
  }
}
