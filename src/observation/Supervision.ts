import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/** What an agent does by itself while runs come and go, and what they leave to it. */
export interface Supervised {
  /** The ids of containers that it has stopped, and starts again once their back-off has passed, if their policy has it. */
  readonly waiting: ReadonlyArray<string>
  /** The ids of containers that it has started again, and whose probes it awaits. */
  readonly starting: ReadonlyArray<string>
}

/** Nothing, where no agent is at work in this process. */
export const Supervision = Context.Reference<Effect.Effect<Supervised> | undefined>("slipway/observation/Supervision", {
  defaultValue: () => undefined
})

/** What is left to the agent now. */
export const supervised: Effect.Effect<Supervised> = Effect.flatMap(
  Supervision,
  (found) => found ?? Effect.succeed({ waiting: [], starting: [] })
)
