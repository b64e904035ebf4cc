import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberHandle from "effect/FiberHandle"

/** Runs `over` once the time that a run tells last has passed; undefined: never. */
export const makeDeadlineWatch = Effect.fnUntraced(function* (over: Effect.Effect<void>) {
  const waiting = yield* FiberHandle.make<void>()
  return (left: Duration.Duration | undefined): Effect.Effect<void> =>
    left === undefined
      ? FiberHandle.clear(waiting)
      : Effect.asVoid(FiberHandle.run(waiting, Effect.andThen(Effect.sleep(left), over)))
})
