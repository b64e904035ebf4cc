import * as Context from "effect/Context"
import { readDeclaration } from "./readDeclaration.ts"

/** How a run reads its declaration. */
export const Reading = Context.Reference<typeof readDeclaration>("slipway/startup/Reading", {
  defaultValue: () => readDeclaration
})
