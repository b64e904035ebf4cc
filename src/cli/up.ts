import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import * as Option from "effect/Option"
import type { Aftermath } from "../startup/Aftermath.ts"
import { attach } from "../startup/attach.ts"
import { JobFailed } from "../startup/confirm.ts"
import { Deadlines } from "../startup/Deadlines.ts"
import { startup } from "../startup/startup.ts"
import { type Failure, tellFailure } from "./Failure.ts"
import type { Outside } from "./Outside.ts"
import { withProgress } from "./progress.ts"
import { renderReport } from "./renderReport.ts"
import { RunFailed } from "./RunFailed.ts"
import { readSettings, upFlags } from "./settings.ts"
import { withStatus } from "./systemdStatus.ts"

/** A job that failed and is still there, to be read: not one that what ran before has taken the place of. */
const isLeftJob = (error: Failure): error is RunFailed & { readonly error: JobFailed } =>
  error instanceof RunFailed &&
  error.error instanceof JobFailed &&
  !Option.exists(error.aftermath.running, ({ name }) => name === (error.error as JobFailed).container)

/** `slipway up`. Gives the exit code. */
export const makeUp = <E extends Failure, R>(outside: Outside<E, R>) =>
  Command.make(
    "up",
    upFlags,
    Effect.fnUntraced(function* (flags) {
      const { settings, host, deadlines, detached } = yield* readSettings(flags)
      yield* Effect.gen(function* () {
        let aftermath: Aftermath | undefined
        const onFailed = (left: Aftermath) => void (aftermath = left)
        const run = withStatus(
          (status) => withProgress(startup(settings), { rewrite: outside.rewrite, onFailed, status }),
          (report) => renderReport(report).split("\n", 1).join()
        ).pipe(Effect.mapError((error) => (aftermath === undefined ? error : new RunFailed({ error, aftermath }))))
        if (detached) return yield* Console.log(renderReport(yield* run))
        // Standard output is the container's, and so is the exit code, a job's that has failed already included.
        const { name, text } = yield* run.pipe(
          Effect.map((report) => ({
            name: report._tag === "Running" ? report.name : undefined,
            text: renderReport(report)
          })),
          Effect.catchIf(isLeftJob, ({ error, message }) => Effect.succeed({ name: error.container, text: message }))
        )
        if (name === undefined) return yield* Console.log(text)
        yield* Effect.logInfo(text)
        const output = attach(name, ({ channel, bytes }) => outside.write(channel, bytes))
        const goesOn = Effect.logInfo(`${name} goes on without us`)
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
