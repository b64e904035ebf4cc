import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Command from "effect/cli/Command"
import type { Aftermath } from "../../progress/Aftermath.ts"
import { attach } from "../../startup/attach.ts"
import { JobFailed } from "../../apply/confirm.ts"
import { Deadlines } from "../../timing/Deadlines.ts"
import { publishEnded } from "../../record/publishStatus.ts"
import { startup } from "../../startup/startup.ts"
import { type Failure } from "../output/Failure.ts"
import { reportFailure } from "../output/reportFailure.ts"
import type { Platform } from "../Platform.ts"
import { withProgress } from "../output/withProgress.ts"
import { renderReport, renderStatus } from "../output/renderReport.ts"
import { RunFailed } from "../output/RunFailed.ts"
import { upFlags } from "../settings/flags.ts"
import { readSettings } from "../settings/readSettings.ts"
import { withTelemetry } from "../telemetry/withTelemetry.ts"
import { answeringSignals } from "./answeringSignals.ts"
import { layerNotify } from "../../vm/systemd/Notify.ts"
import { withStatus } from "../../vm/systemd/systemdStatus.ts"

/** A failed job whose container is still there to be read: not one that was rolled back to its predecessor. */
const isLeftJob = (error: Failure): error is RunFailed & { readonly error: JobFailed } =>
  error instanceof RunFailed &&
  error.error instanceof JobFailed &&
  !error.aftermath.running.some(({ name }) => name === (error.error as JobFailed).container)

/** `slipway up`. Gives the exit code. */
export const makeUp = <E extends Failure, R>(platform: Platform<E, R>) =>
  Command.make(
    "up",
    upFlags,
    Effect.fnUntraced(function* (flags) {
      platform.memory?.save()
      const { settings, host, deadlines, detached } = yield* readSettings(flags)
      yield* Effect.gen(function* () {
        let aftermath: Aftermath | undefined
        const onFailed = (found: Aftermath) => void (aftermath = found)
        const run = withStatus(
          (status) =>
            withProgress(Effect.ensuring(startup(settings), publishEnded), {
              rewrite: platform.rewrite,
              onFailed,
              status
            }),
          renderStatus
        ).pipe(Effect.mapError((error) => (aftermath === undefined ? error : new RunFailed({ error, aftermath }))))
        if (detached) return yield* Console.log(renderReport(yield* run))
        // Standard output and the exit code are the first container's, also those of a job that has failed already.
        const { name, text } = yield* run.pipe(
          Effect.map((report) => ({
            name: report._tag === "Running" ? report.containers.find(({ role }) => role === "main")?.name : undefined,
            text: renderReport(report)
          })),
          Effect.catchIf(isLeftJob, ({ error, message }) => Effect.succeed({ name: error.container, text: message }))
        )
        if (name === undefined) return yield* Console.log(text)
        yield* Effect.logInfo(text)
        const output = attach(name, ({ channel, bytes }) => platform.write(channel, bytes))
        const stays = Effect.logInfo(`${name} keeps running`)
        platform.exitWith(yield* Effect.onInterrupt(output, () => stays))
      }).pipe(
        withTelemetry(platform),
        answeringSignals(platform.signalListeners),
        Effect.provideService(Deadlines, deadlines),
        Effect.provide(Layer.provideMerge(layerNotify, platform.layerVm(host)))
      )
    }, reportFailure)
  ).pipe(
    Command.withDescription("Make the VM match its declaration: pull, mount, start, and say what was done"),
    Command.withExamples([
      { command: "slipway up", description: "At boot: the declaration is the VM's own, from its metadata" },
      { command: "slipway up --declaration web.yaml", description: "From a file" },
      {
        command: "slipway up --declaration web.yaml --no-open-iptables --no-show-welcome",
        description: "On your own machine, leaving its firewall and its logins alone"
      }
    ])
  )
