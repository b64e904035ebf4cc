import * as Context from "effect/Context"

/**
 * Why a run is interrupted: by a signal; for a newer declaration or a `down` that it gives way to, which wait until it has
 * taken back what it has begun; or it is taken over by who stops everything, or replaces it, at once: no answer is waited
 * for, and nothing is taken back.
 */
export type InterruptionReason = "stopped" | "superseded" | "taken over"

/** Read after a run was interrupted: it was by a signal, unless whoever interrupts it says otherwise. */
export const Interruption = Context.Reference<() => InterruptionReason>("slipway/timing/Interruption", {
  defaultValue: () => () => "stopped"
})
