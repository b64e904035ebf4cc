import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/** Hears of each container, by its id, that the engine is now asked to stop: its preStop hook is through. */
export const StopAsked = Context.Reference<(id: string) => Effect.Effect<void>>("slipway/apply/StopAsked", {
  defaultValue: () => () => Effect.void
})
