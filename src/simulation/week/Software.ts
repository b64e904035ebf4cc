import type * as Effect from "effect/Effect"
import type * as Stream from "effect/Stream"
import type { VmServices } from "../../vm/VmServices.ts"

/** What a run tells of itself while a week is lived. */
export type Told =
  /** It has read the declaration; its text's SHA-256. */
  | { readonly _tag: "Read"; readonly sha256: string }
  /** From here on it takes down what ran. */
  | { readonly _tag: "Switches" }
  /**
   * It waits for an init container, a postStart hook or a probe, which may hang, or does no more: it goes back for a newer
   * declaration meanwhile.
   */
  | { readonly _tag: "Waits"; readonly isOver: boolean }
  /** The agent has looked at the VM. `followsTags`: it had the registries say what the declared tags stand for. */
  | {
      readonly _tag: "Looked"
      readonly occasion: string
      readonly outcome: Outcome
      readonly detail: string
      readonly followsTags: boolean
    }

/**
 * What a run came to: all is as declared, or nothing is declared; or it failed and is tried again, was held back as it
 * is too soon, or is not tried again before something changes; or everything was left down, as nobody has asked for it
 * since a `down`, or was stopped for good, as its time is over; or it gave way to a `down`; or all is in place, but a job
 * of it has failed, which is not run again.
 */
export type Outcome =
  | "done"
  | "job failed"
  | "time over"
  | "nothing declared"
  | "failed"
  | "held back"
  | "final"
  | "left down"
  | "gave way"

export type Tell = (told: Told) => Effect.Effect<void>

/** The flow under test, as the programs of a VM. */
export interface Software {
  /** Lives until SIGTERM, which completes `terminated`. `asked` emits where somebody wants the VM looked at now. */
  readonly agent: (
    tell: Tell,
    signals: { readonly asked: Stream.Stream<void>; readonly terminated: Effect.Effect<void> }
  ) => Effect.Effect<unknown, never, VmServices>
  readonly up: (tell: Tell) => Effect.Effect<Outcome, never, VmServices>
  /** Whether it succeeded. */
  readonly down: Effect.Effect<boolean, never, VmServices>
}
