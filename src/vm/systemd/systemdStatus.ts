import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { CommandRunner } from "../host/CommandRunner.ts"
import { oneLine } from "../../text/printable.ts"

/** The status line that `systemctl status` shows. */
export type TellStatus = (line: string) => Effect.Effect<void>

/**
 * Gives a run a function that reports its status to systemd, if `NOTIFY_SOCKET` is set: through `systemd-notify`, as
 * Node cannot send datagrams to Unix sockets. Reports are sent in the background, one after the other, and stale ones
 * are skipped. Only the last one is waited for, a second at most: it would end with this process.
 */
export const withStatus = Effect.fnUntraced(function* <A, E extends { readonly message: string }, R>(
  run: (status: TellStatus | undefined) => Effect.Effect<A, E, R>,
  describe: (value: A) => string
) {
  const socket = yield* Effect.orElseSucceed(Config.option(Config.String("NOTIFY_SOCKET")), Option.none<string>)
  if (Option.getOrElse(socket, () => "") === "") return yield* run(undefined)
  const runner = yield* CommandRunner
  let next: string | undefined
  let isSending = false
  let sender: Fiber.Fiber<void> | undefined

  const send = (line: string) =>
    runner
      .run({ program: "systemd-notify", args: [`--status=${line}`] })
      .pipe(Effect.timeoutOption("1 second"), Effect.ignore)
  const sendAll = Effect.gen(function* () {
    while (next !== undefined) {
      const line = next
      next = undefined
      yield* send(line)
    }
    isSending = false
  })
  const status: TellStatus = (line) =>
    Effect.suspend(() => {
      // A line break would start another message to systemd.
      next = oneLine(line)
      if (isSending) return Effect.void
      isSending = true
      return Effect.map(Effect.forkDetach(sendAll), (fiber) => {
        sender = fiber
      })
    })
  const last = (line: string) =>
    Effect.andThen(
      status(line),
      Effect.suspend(() => (sender === undefined ? Effect.void : Effect.timeoutOption(Fiber.await(sender), "1 second")))
    )
  return yield* run(status).pipe(
    Effect.tap((value) => last(describe(value))),
    Effect.tapError((error) => last(`failed: ${error.message}`))
  )
})
