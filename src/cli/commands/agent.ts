import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Command from "effect/cli/Command"
import { agentUntil } from "../../agent/agent.ts"
import type { AgentOptions } from "../../agent/AgentOptions.ts"
import type { Looked } from "../../agent/Looked.ts"
import type { NextLook } from "../../agent/nextLook.ts"
import { isOfEngine } from "../../agent/Occasion.ts"
import { seconds } from "../../text/seconds.ts"
import { Deadlines } from "../../timing/Deadlines.ts"
import { layerNotify, Notify } from "../../vm/systemd/Notify.ts"
import { exitCodes } from "../output/exitCodes.ts"
import type { Failure } from "../output/Failure.ts"
import { renderDownReport } from "../output/renderDown.ts"
import { renderError } from "../output/renderError.ts"
import { renderReport } from "../output/renderReport.ts"
import { reportFailure } from "../output/reportFailure.ts"
import { RunFailed } from "../output/RunFailed.ts"
import { withProgress } from "../output/withProgress.ts"
import type { Platform } from "../Platform.ts"
import type { SignalListener } from "../runMain.ts"
import { fileChanges } from "../settings/fileChanges.ts"
import { agentFlags } from "../settings/flags.ts"
import { readSettings } from "../settings/readSettings.ts"
import { withTelemetry } from "../telemetry/withTelemetry.ts"
import { answeringSignals } from "./answeringSignals.ts"

/** `slipway agent`. Runs until a signal ends it. */
export const makeAgent = <E extends Failure, R>(platform: Platform<E, R>) =>
  Command.make(
    "agent",
    agentFlags,
    Effect.fnUntraced(function* (flags) {
      platform.memory?.save()
      const { settings, host, deadlines, file, followTagsEvery } = yield* readSettings(flags)
      const say = sayOutcome()
      // Once those who wait for the look have been told.
      const giveBack = Effect.delay(
        Effect.sync(() => platform.memory?.giveBack()),
        "1 second"
      )
      const options: AgentOptions = {
        asked: hangUps(platform.signalListeners),
        onLooked: (looked) => Effect.andThen(say(looked), Effect.forkChild(giveBack)),
        ...(Option.isSome(file) ? { fileChanges: yield* fileChanges(file.value) } : {}),
        ...(Option.isSome(followTagsEvery) ? { followTagsEvery: followTagsEvery.value } : {})
      }
      yield* Effect.gen(function* () {
        const { status } = yield* Notify
        const { terminated } = yield* takeTermination(platform.signalListeners)
        const ended = yield* withProgress(agentUntil(terminated, settings, options), {
          rewrite: platform.rewrite,
          status
        })
        if (ended._tag === "Terminated") {
          yield* Effect.logInfo("SIGTERM: the agent ends, and the containers run on")
          return platform.exitWith(exitCodes.SIGTERM)
        }
        yield* Effect.logInfo(renderDownReport(ended.report))
      }).pipe(
        withTelemetry(platform),
        answeringSignals(platform.signalListeners),
        Effect.scoped,
        Effect.provideService(Deadlines, deadlines),
        Effect.provide(Layer.provideMerge(layerNotify, platform.layerVm(host)))
      )
    }, reportFailure)
  ).pipe(
    Command.withDescription(
      "Do what `up` does for as long as the VM runs: at the start, when the declaration changes, when something happens to a container, and every five minutes"
    ),
    Command.withExamples([
      {
        command: "slipway agent",
        description: "The declaration is the VM's own, from its metadata, whenever that changes"
      },
      { command: "slipway agent --declaration web.yaml", description: "From a file, whenever that changes" },
      { command: "slipway agent --follow-tags 10m", description: "Also when a declared tag stands for another image" }
    ])
  )

/**
 * SIGTERM, by which systemd ends the agent alone as well as the whole machine. The run that is under way is interrupted
 * for it, and a second one changes nothing: it is ending already.
 */
const takeTermination = Effect.fnUntraced(function* (listeners: Set<SignalListener>) {
  const terminated = yield* Deferred.make<void>()
  const log = Effect.runForkWith(yield* Effect.context<never>())
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      const listener: SignalListener = (signal) => {
        if (signal !== "SIGTERM") return false
        if (!Deferred.doneUnsafe(terminated, Effect.void))
          log(Effect.logWarning("SIGTERM again: the agent is ending already"))
        return true
      }
      listeners.add(listener)
      return listener
    }),
    (listener) => Effect.sync(() => void listeners.delete(listener))
  )
  return { terminated: Deferred.await(terminated) }
})

/** SIGHUP, which `systemctl reload` sends, asks for a look. */
const hangUps = (listeners: Set<SignalListener>): Stream.Stream<void> =>
  Stream.callback<void>((queue) =>
    Effect.acquireRelease(
      Effect.sync(() => {
        const listener: SignalListener = (signal) => {
          if (signal !== "SIGHUP") return false
          Queue.offerUnsafe(queue, undefined)
          return true
        }
        listeners.add(listener)
        return listener
      }),
      (listener) => Effect.sync(() => void listeners.delete(listener))
    )
  )

/** Says what a look came to, unless that is what the one before came to. */
const sayOutcome = () => {
  let last: string | undefined
  return ({ occasion, result, aftermath, next }: Looked): Effect.Effect<void> => {
    if (Result.isSuccess(result)) {
      const { success: report } = result
      const isNews = last !== report._tag || (report._tag === "Running" && report.steps.length > 0)
      last = report._tag
      return isNews ? Effect.logInfo(renderReport(report)) : Effect.void
    }
    const { failure: error } = result
    const text = renderError(Option.isSome(aftermath) ? new RunFailed({ error, aftermath: aftermath.value }) : error)
    const isNews = error.message !== last
    last = error.message
    // Nobody waits for what comes of that.
    if (!isNews && isOfEngine(occasion)) return Effect.void
    return Effect.logError(`${isNews ? text : "it failed as before."}\n${nextText(next)}`)
  }
}

const nextText = (next: NextLook): string => {
  if (next === "when something changes") return "This is not tried again until the declaration changes."
  const isAtOnce = Duration.isZero(next.after)
  const when = isAtOnce ? "at once" : `in ${seconds(next.after)}`
  if (next.occasion._tag === "EngineChanged") {
    return `The VM is looked at again ${when}: something has happened to a container meanwhile.`
  }
  return isAtOnce ? "The VM is looked at again at once." : `The next try is ${when}.`
}
