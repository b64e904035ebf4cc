import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Runtime from "effect/Runtime"
import { agentUntil } from "../../agent/agent.ts"
import type { Looked } from "../../agent/Looked.ts"
import { followsTags } from "../../agent/Occasion.ts"
import { logProgress, Progress, type ProgressEvent } from "../../progress/Progress.ts"
import type { Outcome, Software, Tell, Told } from "../../simulation/week/Software.ts"
import { defaultDownSettings, down } from "../../startup/down.ts"
import type { Settings } from "../../startup/Settings.ts"
import { Settled } from "../../startup/Settled.ts"
import { startup } from "../../startup/startup.ts"
import { isWait } from "../../startup/switchState.ts"
import { finalExitCodes } from "../../text/finalExitCodes.ts"

/** Slipway itself, as the programs of a VM whose days are simulated. */
export const rehearsedSoftware = (settings: Settings): Software => ({
  agent: (tell, { asked, terminated }) =>
    agentUntil(terminated, settings, { asked, onLooked: (looked) => tell(toldOf(looked)) }).pipe(
      Effect.ignore,
      Effect.provideService(Progress, telling(tell))
    ),
  up: (tell) =>
    Effect.suspend(() => {
      let isSettled = false
      return startup(settings).pipe(
        Effect.result,
        Effect.map((result) => outcomeOf({ result, isSettled }, false)),
        Effect.provideService(Settled, () => Effect.sync(() => void (isSettled = true))),
        Effect.provideService(Progress, telling(tell))
      )
    }),
  down: Effect.isSuccess(down(defaultDownSettings))
})

/** Steps that take down what ran, for something else. */
const takingDown: ReadonlySet<string> = new Set(["SetAside", "Unmount"])

const telling =
  (tell: Tell) =>
  (event: ProgressEvent): Effect.Effect<void> => {
    const told = toldBy(event)
    return told === undefined ? logProgress(event) : Effect.andThen(tell(told), logProgress(event))
  }

const toldBy = (event: ProgressEvent): Told | undefined => {
  // What is declared is told again once it has been checked.
  if (event._tag === "Declared" && event.declaration.containers.length === 0) {
    return { _tag: "Read", sha256: event.declaration.sha256 }
  }
  const isOver = event._tag === "StepDone" || event._tag === "StepFailed"
  if ((isOver || event._tag === "StepStarted") && isWait(event.step.kind)) return { _tag: "Waits", isOver }
  return event._tag === "StepStarted" && takingDown.has(event.step.kind) ? { _tag: "Switches" } : undefined
}

const toldOf = ({ occasion, result, isSettled, next }: Looked): Told => ({
  _tag: "Looked",
  occasion: occasion._tag,
  outcome: outcomeOf({ result, isSettled }, next === "when something changes"),
  detail: Result.isFailure(result) ? `${result.failure._tag} ${result.failure.message.split("\n", 1).join()}` : "",
  followsTags:
    followsTags(occasion) &&
    Result.isSuccess(result) &&
    result.success._tag === "Running" &&
    result.success.degraded.length === 0
})

type Came = Pick<Looked, "result" | "isSettled">

const outcomes = {
  Running: "done",
  NothingDeclared: "nothing declared",
  LeftDown: "left down",
  GaveWay: "gave way"
} as const

const outcomeOf = ({ result, isSettled }: Came, isFinal: boolean): Outcome => {
  if (Result.isSuccess(result)) return outcomes[result.success._tag]
  if (result.failure._tag === "StartHeldBack") return "held back"
  if (isSettled) return "job failed"
  if (result.failure._tag === "DeadlineExceeded") return "time over"
  const code = Runtime.getErrorExitCode(result.failure)
  return isFinal || Object.values(finalExitCodes).some((one) => one === code) ? "final" : "failed"
}
