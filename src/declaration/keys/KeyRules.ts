import type { RecordShape } from "./Shape.ts"
import type { Span, YamlTarget } from "../yaml/YamlNode.ts"
import type { YamlField } from "../yaml/yamlFields.ts"

/** A key that the record does not have. */
export interface IgnoredKey {
  readonly key: string
  readonly owner: RecordShape
  readonly span: Span
  /** What was written under it. */
  readonly value: YamlTarget
}

/** What came of a key that the record does not have. */
export interface JudgedKey {
  /** It exists somewhere, or looks like a key: it may be shown. */
  readonly shown: boolean
  /** The record's own key that was meant: what that one declares is unknown, not missing. */
  readonly meant?: string | undefined
}

/** How a text's keys are judged. Whoever implements it reports what is wrong with them. */
export interface KeyRules {
  /** `secret`: the key stands where secrets may stand, and may be one. */
  readonly unknown: (key: IgnoredKey, context: { readonly secret: boolean }) => JudgedKey
  /** A key that is written several times; the last one is the field's. */
  readonly duplicate: (owner: RecordShape, name: string, field: YamlField) => void
}
