import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"
import * as Command from "effect/cli/Command"
import { agent, type AgentOptions, type Looked } from "../../agent/agent.ts"
import type { NextLook } from "../../agent/nextLook.ts"
import { seconds } from "../../text/seconds.ts"
import { Deadlines } from "../../timing/Deadlines.ts"
import type { Failure } from "../output/Failure.ts"
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
import { answeringSignals } from "./answeringSignals.ts"

/** `slipway agent`. Runs until a signal ends it. */
export const makeAgent = <E extends Failure, R>(platform: Platform<E, R>) =>
  Command.make(
    "agent",
    agentFlags,
    Effect.fnUntraced(function* (flags) {
      const { settings, host, deadlines, file, followTagsEvery } = yield* readSettings(flags)
      const options: AgentOptions = {
        asked: hangUps(platform.signalListeners),
        onLooked: sayOutcome(),
        ...(Option.isSome(file) ? { fileChanges: yield* fileChanges(file.value) } : {}),
        ...(Option.isSome(followTagsEvery) ? { followTagsEvery: followTagsEvery.value } : {})
      }
      return yield* withProgress(agent(settings, options), { rewrite: platform.rewrite }).pipe(
        answeringSignals(platform.signalListeners),
        Effect.provideService(Deadlines, deadlines),
        Effect.provide(platform.layerVm(host))
      )
    }, reportFailure)
  ).pipe(
    Command.withDescription(
      "Do what `up` does for as long as the VM runs: at once, when the declaration changes, and when the VM has drifted from it"
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
  return ({ result, aftermath, next }: Looked): Effect.Effect<void> => {
    if (Result.isSuccess(result)) {
      const { success: report } = result
      const isNews = last !== "" || (report._tag === "Running" && report.steps.length > 0)
      last = ""
      return isNews ? Effect.logInfo(renderReport(report)) : Effect.void
    }
    const { failure: error } = result
    const text = renderError(Option.isSome(aftermath) ? new RunFailed({ error, aftermath: aftermath.value }) : error)
    const isNews = error.message !== last
    last = error.message
    return Effect.logError(`${isNews ? text : "it failed as before."}\n${nextText(next)}`)
  }
}

const nextText = (next: NextLook): string =>
  next === "when something changes"
    ? "This is not tried again until the declaration changes."
    : `The next try is in ${seconds(next.after)}.`
