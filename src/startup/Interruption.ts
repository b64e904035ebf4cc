import * as Context from "effect/Context"

/** Why a run is interrupted, as it is asked when one has been: by a signal, unless whoever interrupts it says more. */
export const Interruption = Context.Reference<() => "stopped" | "superseded">("slipway/startup/Interruption", {
  defaultValue: () => () => "stopped"
})
