import * as Effect from "effect/Effect"
import type { DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import { readSources } from "./readSources.ts"
import { resolveWorkload, sourcesOf } from "./resolveWorkload.ts"
import type { DeclarationOrigin } from "../observation/DeclarationOrigin.ts"

/**
 * Reads what a declaration takes from elsewhere, each source once and only what it takes, and fills it in. It changes
 * nothing; what cannot be read is an error before anything is stopped.
 */
export const resolve = Effect.fn("resolve")(function* (workload: DeclaredWorkload, origin: DeclarationOrigin) {
  const { resolved, versions, unread } = yield* readSources(workload, sourcesOf(workload), origin)
  return { workload: resolveWorkload(workload, resolved), versions, unread }
})
