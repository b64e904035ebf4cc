import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Lock } from "../vm/host/Lock.ts"
import { Deadlines, withDeadline } from "../timing/Deadlines.ts"
import { tell } from "../progress/Progress.ts"

/** Holds the VM's lock until the scope closes; fails where another run holds it. */
export const oneAtATimeNow = Effect.gen(function* () {
  const lock = yield* Lock
  const holder = "bringing back what an earlier run had stopped"
  yield* lock
    .acquire({ holder, limit: Duration.zero, onWait: () => Effect.void })
    .pipe(withDeadline("FILE", "take the lock"))
})

/**
 * Holds the VM's lock until the scope closes. What it is held for is for other runs to read: `starting klt-web-abcd`.
 * Waits as long as the deadlines allow, and not longer than `within`. Gives whether it had to wait; `meanwhile` is done
 * as long as it does.
 */
export const oneAtATime = Effect.fn("lock")(function* <R = never>(
  work: string,
  within?: Duration.Duration,
  meanwhile: Effect.Effect<void, never, R> = Effect.void
) {
  const lock = yield* Lock
  const { LOCK } = yield* Deadlines
  const limit = within === undefined ? LOCK : Duration.min(LOCK, within)
  const waits = yield* Deferred.make<void>()
  const since = DateTime.formatIso(yield* DateTime.now)
  const waiting = yield* Effect.forkChild(Effect.andThen(Deferred.await(waits), meanwhile))
  yield* lock
    .acquire({
      holder: `${work} since ${since}`,
      limit,
      onWait: (holder) =>
        Effect.andThen(
          Deferred.succeed(waits, undefined),
          tell({ _tag: "Waiting", text: `another run is under way${holder === "" ? "" : `: ${holder}`}` })
        )
    })
    .pipe(withDeadline("FILE", "take the lock", limit), Effect.ensuring(Fiber.interrupt(waiting)))
  return yield* Deferred.isDone(waits)
})
