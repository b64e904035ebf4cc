import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { MetadataProvider } from "../vm/MetadataProvider.ts"
import { withDeadline } from "./Deadlines.ts"
import type { Settings } from "./Settings.ts"

/** The declaration that the settings hold, else the one that the VM's metadata holds. */
export const readDeclaration = Effect.fn("readDeclaration")(function* (settings: Pick<Settings, "declaration">) {
  if (Option.isSome(settings.declaration)) return settings.declaration
  const metadata = yield* MetadataProvider
  return yield* metadata.declaration.pipe(withDeadline("METADATA", "read the declaration from metadata"))
})
