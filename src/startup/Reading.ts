import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { DeclarationUnreadable } from "./DeclarationUnreadable.ts"
import { readDeclaration, rereadDeclaration } from "./readDeclaration.ts"

type FirstReading = ReturnType<typeof readDeclaration>

/** How a run reads its declaration, and reads it again once it has waited for another run. */
export interface DeclarationReading {
  readonly read: (
    ...settings: Parameters<typeof readDeclaration>
  ) => Effect.Effect<
    Effect.Success<FirstReading>,
    Effect.Error<FirstReading> | DeclarationUnreadable,
    Effect.Services<FirstReading>
  >
  readonly reread: typeof rereadDeclaration
  /**
   * Whether what was read last is another declaration than before, whatever the occasion for the run: the registries are
   * asked which images its tags stand for.
   */
  readonly isNew: () => boolean
}

export const Reading = Context.Reference<DeclarationReading>("slipway/startup/Reading", {
  defaultValue: () => ({ read: readDeclaration, reread: rereadDeclaration, isNew: () => false })
})
