import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { CommandRunner } from "../host/CommandRunner.ts"

/**
 * Whether the whole machine goes down, as far as its systemd says: it prints `stopping` from the moment at which that has
 * been asked for. Source: systemctl(1), is-system-running.
 */
export const isShuttingDown = Effect.gen(function* () {
  const runner = yield* CommandRunner
  const { stdout } = yield* runner.run({ program: "systemctl", args: ["is-system-running"] })
  return stdout.trim() === "stopping"
}).pipe(
  Effect.timeoutOption("5 seconds"),
  Effect.map(Option.getOrElse(() => false)),
  Effect.orElseSucceed(() => false)
)
