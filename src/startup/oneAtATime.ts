import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
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
 * Waits as long as the deadlines allow, and not longer than `within`. Gives whether it had to wait.
 */
export const oneAtATime = Effect.fn("lock")(function* (work: string, within?: Duration.Duration) {
  const lock = yield* Lock
  const { LOCK } = yield* Deadlines
  const limit = within === undefined ? LOCK : Duration.min(LOCK, within)
  let hasWaited = false
  const since = DateTime.formatIso(yield* DateTime.now)
  yield* lock
    .acquire({
      holder: `${work} since ${since}`,
      limit,
      onWait: (holder) => {
        hasWaited = true
        return tell({ _tag: "Waiting", text: `another run is under way${holder === "" ? "" : `: ${holder}`}` })
      }
    })
    .pipe(withDeadline("FILE", "take the lock", limit))
  return hasWaited
})
