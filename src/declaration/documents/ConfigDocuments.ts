/** What a ConfigMap or a Secret has under a key. Any of it may be a secret: never printed. */
export interface ConfigEntry {
  readonly bytes: Uint8Array
  /** Undefined where it cannot be a variable's value: it is `binaryData`, no UTF-8, or has a NUL in it. */
  readonly text: string | undefined
}

/** A ConfigMap or a Secret of the text. */
export interface ConfigDocument {
  readonly kind: ConfigKind
  readonly name: string
  /** That of the Pod if none is written. */
  readonly namespace: string
  /** Empty for a ConfigMap. */
  readonly type: string
  readonly entries: ReadonlyMap<string, ConfigEntry>
  /** A part of it could not be read, which has been reported: what is missing may be that part. */
  readonly isPartial: boolean
}

export type ConfigKind = "ConfigMap" | "Secret"

/** The ConfigMaps and Secrets of a text. */
export class ConfigDocuments {
  readonly #documents: ReadonlyMap<string, ConfigDocument>
  readonly #all: ReadonlyArray<ConfigDocument>
  readonly #nameless: ReadonlySet<ConfigKind>

  /** `nameless`: the kinds of those that have no usable name, or no kind, which has been reported. */
  constructor(documents: ReadonlyArray<ConfigDocument>, nameless: ReadonlySet<ConfigKind>) {
    this.#all = documents
    this.#documents = new Map(documents.map((document) => [keyOf(document), document]))
    this.#nameless = nameless
  }

  /** In the order of the text. */
  get all(): ReadonlyArray<ConfigDocument> {
    return this.#all
  }

  /** Whether one that is not found may be there without a usable name. */
  hasNameless(kind: ConfigKind): boolean {
    return this.#nameless.has(kind)
  }

  find(kind: ConfigKind, namespace: string, name: string): ConfigDocument | undefined {
    return this.#documents.get(keyOf({ kind, namespace, name }))
  }

  /** The names of those that could have been found. */
  names(kind: ConfigKind, namespace: string): ReadonlyArray<string> {
    return this.#all.flatMap((one) => (one.kind === kind && one.namespace === namespace ? one.name : []))
  }

  static readonly none = new ConfigDocuments([], new Set())
}

const keyOf = ({ kind, namespace, name }: Pick<ConfigDocument, "kind" | "namespace" | "name">): string =>
  `${kind} ${namespace}/${name}`
