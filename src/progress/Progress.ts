import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { PullProgress } from "../vm/engine/PullStream.ts"
import type { Aftermath } from "./Aftermath.ts"
import type { DeclarationDescription } from "./DeclarationDescription.ts"
import type { PlanDescription, StepDescription } from "./PlanDescription.ts"
import { seconds } from "../text/seconds.ts"

/** What a run reports while it goes on. */
export type ProgressEvent =
  | { readonly _tag: "Warning"; readonly text: string }
  /** Something about the VM that explains what the run does. */
  | { readonly _tag: "Notice"; readonly text: string }
  /** Waiting for something that is not ours. */
  | { readonly _tag: "Waiting"; readonly text: string }
  /** An operation has failed `tries` times, and is retried after `next`. */
  | {
      readonly _tag: "Retrying"
      readonly operation: string
      readonly message: string
      readonly tries: number
      readonly next: Duration.Duration
    }
  /** What is declared: once it has been read, and again once it has been checked. */
  | { readonly _tag: "Declared"; readonly declaration: DeclarationDescription }
  /** What was found on the VM, before anything is changed: a line each. */
  | { readonly _tag: "Observed"; readonly found: ReadonlyArray<string> }
  | { readonly _tag: "Planned"; readonly plan: PlanDescription }
  | { readonly _tag: "Pulling"; readonly image: string; readonly progress: PullProgress }
  | { readonly _tag: "StepStarted"; readonly step: StepDescription }
  | { readonly _tag: "StepDone"; readonly step: StepDescription; readonly duration: Duration.Duration }
  | { readonly _tag: "StepFailed"; readonly step: StepDescription; readonly message: string }
  /** The run failed; what that leaves. */
  | { readonly _tag: "Failed"; readonly aftermath: Aftermath }
  /** An image of ours that is superseded. */
  | { readonly _tag: "ImageRemoved"; readonly reference: string; readonly id: string }
  /** What was begun is rolled back: a step of it has failed, or the run is to end. */
  | { readonly _tag: "RollingBack" }
  /** A step was rolled back after a later one failed. */
  | { readonly _tag: "StepUndone"; readonly step: StepDescription }
  | { readonly _tag: "UndoFailed"; readonly step: StepDescription; readonly message: string }

/** Logs each event in a line, except the progress of a pull. */
export const logProgress = (event: ProgressEvent): Effect.Effect<void> => {
  switch (event._tag) {
    case "Warning":
      return Effect.logWarning(event.text)
    case "Notice":
      return Effect.logInfo(event.text)
    case "Waiting":
      return Effect.logInfo(`waiting: ${event.text}`)
    case "Retrying":
      return Effect.logWarning(retrying(event))
    case "Declared":
    case "Observed":
    case "Planned":
    case "Pulling":
    case "RollingBack":
      return Effect.void
    case "StepStarted":
      return Effect.logInfo(`${event.step.text}, because ${event.step.cause}`)
    case "StepDone":
      return Effect.logInfo(`done: ${event.step.text} (${seconds(event.duration)})`)
    case "StepFailed":
      return Effect.logError(`failed: ${describeFailure(event.step, event.message)}`)
    case "Failed":
      // The final report says this too.
      return Effect.void
    case "ImageRemoved":
      return Effect.logInfo(`removed the superseded image ${event.reference} (${event.id})`)
    case "StepUndone":
      return Effect.logInfo(event.step.undone)
    case "UndoFailed":
      return Effect.logError(`could not roll back: ${event.step.text}: ${event.message}`)
  }
}

/** What failed, how many times, and when it is retried. */
const retrying = ({ message, tries, next }: Extract<ProgressEvent, { readonly _tag: "Retrying" }>): string =>
  `${message}: try ${tries} failed, the next is in ${Duration.format(Duration.millis(Math.round(Duration.toMillis(next))))}`

/** Why a step failed, in the first line of its error, which may name the step itself. */
export const describeFailure = ({ kind, text }: StepDescription, message: string): string => {
  const [said = ""] = message.split("\n")
  // A pull names the image in full, and its digest.
  const isNamed =
    said.replace(/^(\w+) container /, "$1 ").startsWith(`${text}: `) || (kind === "Pull" && said.startsWith("pull "))
  return isNamed ? said : `${text}: ${said}`
}

/** Where a run reports what it does. Logs unless another is given. */
export const Progress = Context.Reference<(event: ProgressEvent) => Effect.Effect<void>>("slipway/startup/Progress", {
  defaultValue: () => logProgress
})

/** Reports one event. */
export const tell = (event: ProgressEvent): Effect.Effect<void> =>
  Effect.flatMap(Progress, (progress) => progress(event))
