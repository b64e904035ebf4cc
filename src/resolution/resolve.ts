import * as Effect from "effect/Effect"
import type { DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import { readSources } from "./readSources.ts"
import { fileSourcesOf, resolveWorkload, sourcesOf } from "./resolveWorkload.ts"
import type { DeclarationOrigin } from "../observation/DeclarationOrigin.ts"
import type { Reached } from "../observation/observe.ts"

/**
 * Reads what a declaration takes from elsewhere, each source once and only what it takes, and fills it in. It changes
 * nothing; what cannot be read is an error before anything is stopped: `SecretsUnavailable`, a `VmFactError`, or what a
 * service of the VM fails with. `reached` waits for the engine, which knows what the VM has.
 *
 * Gives the `Workload`, the versions that names such as `latest` stood for, and why secrets could not be asked for of which
 * the containers hold a version.
 */
export const resolve = Effect.fn("resolve")(function* (
  workload: DeclaredWorkload,
  origin: DeclarationOrigin,
  reached: Effect.Effect<unknown, Effect.Error<Reached>>
) {
  const sources = { variables: sourcesOf(workload), files: fileSourcesOf(workload) }
  const { resolved, contentOf, versions, unread } = yield* readSources(workload, sources, origin, reached)
  return { workload: resolveWorkload(workload, resolved, contentOf), versions, unread }
})
