import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import { attach } from "../startup/attach.ts"
import { Deadlines } from "../startup/Deadlines.ts"
import { startup } from "../startup/startup.ts"
import { type Failure, tellFailure } from "./Failure.ts"
import type { Outside } from "./Outside.ts"
import { withProgress } from "./progress.ts"
import { renderReport } from "./renderReport.ts"
import { readSettings, upFlags } from "./settings.ts"
import { withStatus } from "./systemdStatus.ts"

/** `slipway up`. Gives the exit code. */
export const makeUp = <E extends Failure, R>(outside: Outside<E, R>) =>
  Command.make(
    "up",
    upFlags,
    Effect.fnUntraced(function* (flags) {
      const { settings, host, deadlines, detached } = yield* readSettings(flags)
      yield* Effect.gen(function* () {
        const report = yield* withStatus(
          (status) => withProgress(startup(settings), { rewrite: outside.rewrite, status }),
          (report) => renderReport(report).split("\n", 1).join()
        )
        if (detached || report._tag === "NothingDeclared") return yield* Console.log(renderReport(report))
        // Standard output is the container's from here on.
        yield* Effect.logInfo(renderReport(report))
        const output = attach(report.name, ({ channel, bytes }) => outside.write(channel, bytes))
        const goesOn = Effect.logInfo(`${report.name} goes on without us`)
        outside.exitWith(yield* Effect.onInterrupt(output, () => goesOn))
      }).pipe(Effect.provideService(Deadlines, deadlines), Effect.provide(outside.layerVm(host)))
    }, tellFailure)
  ).pipe(
    Command.withDescription("Get the VM to match its declaration: pull, mount, start, and say what was done"),
    Command.withExamples([
      { command: "slipway up", description: "At boot: the declaration is the VM's own, from its metadata" },
      { command: "slipway up --declaration web.yaml", description: "From a file" },
      {
        command: "slipway up --declaration web.yaml --no-open-iptables --no-show-welcome",
        description: "On your own machine, leaving its firewall and its logins alone"
      }
    ])
  )
