import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type { MetadataError } from "../vm/MetadataError.ts"
import { MetadataProvider } from "../vm/MetadataProvider.ts"
import { attempt } from "./Deadlines.ts"
import type { Settings } from "./Settings.ts"

/** The declaration that the settings hold, else the one that the VM's metadata holds. */
export const readDeclaration = Effect.fn("readDeclaration")(function* (settings: Pick<Settings, "declaration">) {
  if (Option.isSome(settings.declaration)) return settings.declaration
  const metadata = yield* MetadataProvider
  return yield* metadata.declaration.pipe(attempt("METADATA", "read the declaration from metadata"))
})

/**
 * Which errors of metadata end it at once: where the declaration came from a file there may well be no metadata server,
 * and one that does not resolve or refuses will not come.
 */
export const finalWithout = ({ declaration }: Pick<Settings, "declaration">): ((error: unknown) => boolean) =>
  Option.isSome(declaration)
    ? (error) =>
        Predicate.isTagged(error, "MetadataError") && (error as MetadataError).reason._tag === "MetadataUnreachable"
    : () => false
