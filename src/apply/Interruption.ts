import * as Context from "effect/Context"

/**
 * The reason for an interruption, read after a run was interrupted: a signal, unless whoever interrupts it says
 * otherwise.
 */
export const Interruption = Context.Reference<() => "stopped" | "superseded">("slipway/apply/Interruption", {
  defaultValue: () => () => "stopped"
})
