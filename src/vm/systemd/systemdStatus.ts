import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { CommandRunner } from "../host/CommandRunner.ts"
import { oneLine } from "../../text/printable.ts"

/** What `systemctl status` shows of a service that is under way. */
export type TellStatus = (line: string) => Effect.Effect<void>

/**
 * Gives a run what tells systemd its status, where systemd listens (`NOTIFY_SOCKET`): by `systemd-notify`, since Node
 * sends no datagrams to sockets of this kind. It goes on beside the run, one after the other; what has become old
 * meanwhile is left out. Only the last word is waited for, a second at most: it would end with us.
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
      // A line break would begin another message to systemd.
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
