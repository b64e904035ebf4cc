import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { leastGrace } from "../plan/stopGrace.ts"

/**
 * How long ago the containers of a Pod began to be stopped, all of which have one grace period; undefined where each
 * has its own, as where some of them are replaced.
 */
export const SharedGrace = Context.Reference<Effect.Effect<Duration.Duration> | undefined>(
  "slipway/apply/SharedGrace",
  {
    defaultValue: () => undefined
  }
)

/** What is left of a grace period. As to the kubelet, what is stopped last has two seconds of it in any case. */
export const graceLeft = (grace: Duration.Duration): Effect.Effect<Duration.Duration> =>
  Effect.flatMap(SharedGrace, (sinceBegan) =>
    sinceBegan === undefined
      ? Effect.succeed(grace)
      : Effect.map(sinceBegan, (passed) =>
          Duration.max(Duration.min(grace, leastGrace), Duration.subtract(grace, passed))
        )
  )
