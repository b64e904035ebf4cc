import * as Effect from "effect/Effect"
import type { SignalListener } from "../runMain.ts"

/** Answers a second signal: the run is ending already, and does not end any sooner. */
export const answeringSignals =
  (listeners: Set<SignalListener>) =>
  <A, E, R>(run: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.acquireUseRelease(
      Effect.map(Effect.context<never>(), (context) => {
        const log = Effect.runForkWith(context)
        const listener: SignalListener = (signal, count) => {
          if (count > 1) log(Effect.logWarning(`${signal} again: ${endingAlready}`))
          return false
        }
        listeners.add(listener)
        return listener
      }),
      () => run,
      (listener) => Effect.sync(() => void listeners.delete(listener))
    )

const endingAlready =
  "this run is ending already, once it has rolled back and the previous container runs again. " +
  "SIGKILL would leave that to the next run"
