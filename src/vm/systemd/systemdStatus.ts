import * as Effect from "effect/Effect"
import { Notify } from "./Notify.ts"

/** The status line that `systemctl status` shows. */
export type TellStatus = (line: string) => Effect.Effect<void>

/**
 * Gives a run a function that reports its status to systemd. Only the last report, of what it came to, is waited for, a
 * second at most: it would end with this process.
 */
export const withStatus = Effect.fnUntraced(function* <A, E extends { readonly message: string }, R>(
  run: (status: TellStatus) => Effect.Effect<A, E, R>,
  describe: (value: A) => string
) {
  const { status, sent } = yield* Notify
  const last = (line: string) => Effect.andThen(status(line), sent)
  return yield* run(status).pipe(
    Effect.tap((value) => last(describe(value))),
    Effect.tapError((error) => last(`failed: ${error.message}`))
  )
})
