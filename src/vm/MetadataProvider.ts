import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type { MetadataError } from "./MetadataError.ts"

/** A declaration's text and where it was found. */
export interface DeclarationText {
  /** Names the place in messages: a file's path, or `metadata:<key>`. */
  readonly file: string
  /** May hold secrets: never printed. */
  readonly text: string | Uint8Array
}

/** A disk that is attached to the VM. */
export interface AttachedDisk {
  readonly deviceName: string
  readonly mode: "READ_WRITE" | "READ_ONLY"
}

/** The VM's metadata server. */
export class MetadataProvider extends Context.Service<
  MetadataProvider,
  {
    /** The key `slipway-declaration`, else `gce-container-declaration`; `none` where the VM has neither. */
    readonly declaration: Effect.Effect<Option.Option<DeclarationText>, MetadataError>
    readonly disks: Effect.Effect<ReadonlyArray<AttachedDisk>, MetadataError>
    /** An access token of the VM's default service account; `none` where the VM has no service account. */
    readonly token: Effect.Effect<Option.Option<Redacted.Redacted>, MetadataError>
  }
>()("slipway/vm/MetadataProvider") {}
