import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type DeclarationOrigin, isFinalFor } from "../observation/DeclarationOrigin.ts"
import { misspeltDeclarationKey } from "../vm/metadata/DeclarationKeys.ts"
import { type DeclarationText, textOf } from "../workload/DeclarationText.ts"
import { MetadataProvider } from "../vm/metadata/MetadataProvider.ts"
import { oneLine } from "../text/printable.ts"
import { attempt, isRetryable } from "../timing/Retries.ts"
import { DeclarationKeyMisspelt } from "./DeclarationKeyMisspelt.ts"
import { readLastGood } from "./lastGood.ts"
import { tell } from "../progress/Progress.ts"
import type { Settings } from "./Settings.ts"

/** The declaration of a run, and where it came from. */
export interface Declared extends DeclarationText {
  readonly source: DeclarationOrigin
}

/**
 * The declaration in the settings, else the one in the VM's metadata, else, if metadata does not answer within its
 * budget, the last of its declarations that came up.
 */
export const readDeclaration = Effect.fn("readDeclaration")(function* (
  settings: Pick<Settings, "declaration" | "lastGood">
) {
  if (Option.isSome(settings.declaration)) {
    return Option.some<Declared>({ ...settings.declaration.value, source: "settings" })
  }
  const metadata = yield* MetadataProvider
  return yield* metadata.declaration.pipe(
    attempt("METADATA", "read the declaration from metadata"),
    Effect.map(Option.map((found): Declared => ({ ...found, source: "metadata" }))),
    Effect.catchIf(isRetryable, (error) =>
      Effect.gen(function* () {
        const kept = settings.lastGood ? yield* readLastGood("metadata") : Option.none<DeclarationText>()
        if (Option.isNone(kept)) return yield* error
        yield* tell({ _tag: "Warning", text: `${lastGoodNotice} (${error.message})` })
        return Option.some<Declared>({ ...kept.value, source: "last good" })
      })
    ),
    Effect.tap((declared) => (Option.isNone(declared) ? refuseMisspeltKey : Effect.void))
  )
})

/**
 * The same again, for a run that had to wait for another: the declaration may have been replaced meanwhile. If metadata
 * does not answer now, its earlier answer stands.
 */
export const rereadDeclaration = Effect.fn("rereadDeclaration")(function* (
  declared: Declared,
  settings: Pick<Settings, "declaration" | "rereadDeclaration">
) {
  if (Option.isSome(settings.declaration)) {
    return Option.some<Declared>(
      settings.rereadDeclaration === undefined
        ? declared
        : { ...(yield* settings.rereadDeclaration), source: "settings" }
    )
  }
  const metadata = yield* MetadataProvider
  return yield* metadata.declaration.pipe(
    attempt("METADATA", "read the declaration from metadata", isFinalFor(declared.source)),
    Effect.map(Option.map((found): Declared => ({ ...found, source: "metadata" }))),
    Effect.catchIf(isRetryable, () => Effect.succeedSome(declared)),
    Effect.tap((found) => (Option.isNone(found) ? refuseMisspeltKey : Effect.void))
  )
})

/** Whether two declarations are the same text, read by the same rules. */
export const isSameText = (one: DeclarationText, other: DeclarationText): boolean =>
  textOf(one) === textOf(other) && (one.dialect ?? "slipway") === (other.dialect ?? "slipway")

/** A VM that declares nothing is fine; one whose key is misspelt was meant to run a container. */
const refuseMisspeltKey = Effect.gen(function* () {
  const metadata = yield* MetadataProvider
  const keys = yield* metadata.keys.pipe(attempt("METADATA", "list the keys of metadata"))
  const key = misspeltDeclarationKey(keys)
  if (key !== undefined) return yield* new DeclarationKeyMisspelt({ key: oneLine(key) })
})

/** The loud warning that the declaration may not be the VM's present one. */
export const lastGoodNotice =
  "metadata did not answer: this is the last declaration that came up, which may not be the present one"
