/**
 * A YAML document as written: every node with its place, nothing resolved. Aliases share the node of their anchor, so the
 * tree is no larger than the text, but may contain itself.
 */
export type YamlNode = YamlTarget | YamlAlias

/** What an alias can stand for. */
export type YamlTarget = YamlScalar | YamlSequence | YamlMapping

/** Offsets into the text, in UTF-16 units; `end` is the first one after. */
export interface Span {
  readonly start: number
  readonly end: number
}

export interface YamlScalar extends Span {
  readonly _tag: "Scalar"
  /** Unfolded and unescaped, otherwise as written: `0x1F` stays `0x1F`. */
  readonly text: string
  /** Neither quoted nor a block: only such a scalar can be a number, a boolean or null, unless a tag says so. */
  readonly plain: boolean
  /** The tag that was written, in full: `tag:yaml.org,2002:str` for `!!str`. */
  readonly tag: string | undefined
  /** Where a "#" with no space after it begins a comment that ends this plain scalar, or stands in its place. */
  readonly cutAt?: number | undefined
}

export interface YamlSequence extends Span {
  readonly _tag: "Sequence"
  readonly items: ReadonlyArray<YamlNode>
  /** As of a scalar. */
  readonly tag?: string | undefined
}

export interface YamlMapping extends Span {
  readonly _tag: "Mapping"
  readonly entries: ReadonlyArray<YamlEntry>
  /** As of a scalar. */
  readonly tag?: string | undefined
}

export interface YamlEntry {
  readonly key: YamlNode
  readonly value: YamlNode
  /** No colon follows, as in `{key}`: it may be a value in the wrong place. */
  readonly keyOnly: boolean
  /** It comes from a merge (`<<`), so another of the same name is no mistake. */
  readonly inherited?: boolean
}

export interface YamlAlias extends Span {
  readonly _tag: "Alias"
  readonly target: YamlTarget
}

/** The node itself, or what it is an alias of. */
export const dereference = (node: YamlNode): YamlTarget => (node._tag === "Alias" ? node.target : node)
