/** A declaration that is being made, before it is a text. What is undefined is left out. */
export type Value = string | number | boolean | From | ReadonlyArray<Value> | Fields

export interface Fields {
  readonly [key: string]: Value | undefined
}

/** Where in what is converted something was said. */
export interface Origin {
  /** As in `services.web.ports[0]`, or `--publish`. Holds no values that may be secrets. */
  readonly path: string
  /** From 1; undefined where the source has no lines. */
  readonly line?: number | undefined
}

/** A value, and what it was made of: where a declaration cannot have it, that is what is not carried over. */
export class From {
  readonly origin: Origin
  readonly value: Value
  /** What is below it has the paths of the source too. */
  readonly isSame: boolean

  constructor(origin: Origin, value: Value, { isSame = false }: { readonly isSame?: boolean } = {}) {
    this.origin = origin
    this.value = value
    this.isSame = isSame
  }
}

/** Something that was said, with its place. */
export interface Told<A> {
  readonly value: A
  readonly at: Origin
}
