import * as Context from "effect/Context"
import { readDeclaration, rereadDeclaration } from "./readDeclaration.ts"

/** How a run reads its declaration, and reads it again once it has waited for another run. */
export interface DeclarationReading {
  readonly read: typeof readDeclaration
  readonly reread: typeof rereadDeclaration
}

export const Reading = Context.Reference<DeclarationReading>("slipway/startup/Reading", {
  defaultValue: () => ({ read: readDeclaration, reread: rereadDeclaration })
})
