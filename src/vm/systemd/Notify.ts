import process from "node:process"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { oneLine } from "../../text/printable.ts"
import { CommandRunner } from "../host/CommandRunner.ts"

/** What systemd is told of a service's state. Source: sd_notify(3). */
export type StateChange = "READY=1" | "RELOADING=1" | "STOPPING=1" | "WATCHDOG=1"

/** How this process tells its service manager how it is. Nothing of it is waited for, and nothing of it fails. */
export interface Notifier {
  /** Whether anybody listens. */
  readonly isHeard: boolean
  /** systemd ends this process if it does not hear `WATCHDOG=1` for so long; `none` where it does not mind. */
  readonly watchdog: Option.Option<Duration.Duration>
  readonly change: (state: StateChange) => Effect.Effect<void>
  /** The line that `systemctl status` shows. Of several that wait to be sent, the last counts. */
  readonly status: (line: string) => Effect.Effect<void>
  /** Waits until all is sent, a second at most. */
  readonly sent: Effect.Effect<void>
}

/** The service manager of this process. Nobody listens unless `layerNotify` is given. */
export const Notify = Context.Reference<Notifier>("slipway/vm/Notify", {
  defaultValue: () => ({
    isHeard: false,
    watchdog: Option.none(),
    change: () => Effect.void,
    status: () => Effect.void,
    sent: Effect.void
  })
})

const longestSend = Duration.seconds(1)

/**
 * The systemd that listens at `NOTIFY_SOCKET`; nobody, where that is not set. The socket takes datagrams, which Node cannot
 * send: `systemd-notify` sends them, one process a message. It lives until systemd has read the message, which could not
 * tell otherwise from which unit it came; what it says to that end is said in its own name, and so the unit needs
 * `NotifyAccess=all`.
 *
 * `RELOADING=1` comes without a time: `Type=notify-reload`, which wants one, is unknown to the systemd of Debian 12 (252).
 */
export const layerNotify = Layer.effect(
  Notify,
  Effect.gen(function* () {
    const socket = yield* variable("NOTIFY_SOCKET")
    if (socket === "") return Notify.defaultValue()
    const runner = yield* CommandRunner
    const watchdog = watchdogOf(yield* variable("WATCHDOG_USEC"), yield* variable("WATCHDOG_PID"))
    const changes: Array<StateChange> = []
    let next: string | undefined
    let last: string | undefined
    let isSending = false
    let sender: Fiber.Fiber<void> | undefined

    const send = (...args: ReadonlyArray<string>) =>
      runner
        .run({ program: "systemd-notify", args, env: { NOTIFY_SOCKET: socket } })
        .pipe(Effect.timeoutOption(longestSend), Effect.ignore)
    const sendAll = Effect.gen(function* () {
      while (changes.length > 0 || next !== undefined) {
        const args = [...changes.splice(0, 1), ...(next === undefined ? [] : [`--status=${next}`])]
        next = undefined
        yield* send(...args)
      }
      isSending = false
    })
    const sending = Effect.suspend(() => {
      if (isSending) return Effect.void
      isSending = true
      return Effect.map(Effect.forkDetach(sendAll), (fiber) => {
        sender = fiber
      })
    })
    const notifier: Notifier = {
      isHeard: true,
      watchdog,
      change: (state) =>
        Effect.suspend(() => {
          if (!changes.includes(state)) changes.push(state)
          return sending
        }),
      status: (line) =>
        Effect.suspend(() => {
          // A line break would begin another assignment.
          const text = oneLine(line)
          if (text === last) return Effect.void
          last = text
          next = text
          return sending
        }),
      sent: Effect.suspend(() =>
        sender === undefined ? Effect.void : Effect.asVoid(Effect.timeoutOption(Fiber.await(sender), longestSend))
      )
    }
    return notifier
  })
)

/** Empty where it is not set. */
const variable = (name: string) => Effect.orElseSucceed(Config.String(name), () => "")

/** The watchdog is of the process that it names; without a name, of whoever sees it. */
const watchdogOf = (micros: string, pid: string): Option.Option<Duration.Duration> =>
  /^[1-9]\d*$/.test(micros) && (pid === "" || pid === String(process.pid))
    ? Option.some(Duration.micros(BigInt(micros)))
    : Option.none()
