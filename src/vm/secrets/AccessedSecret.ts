import type * as Redacted from "effect/Redacted"

/** A secret's value, and which version it is of. */
export interface AccessedSecret {
  /** The version that an alias or `latest` stands for now: `projects/<number>/secrets/S/versions/7`. */
  readonly name: string
  readonly data: Redacted.Redacted<Uint8Array>
}
