import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Plan } from "../startup/Plan.ts"
import { Progress, type ProgressEvent, retrying } from "../startup/Progress.ts"
import { PullMeter } from "./PullMeter.ts"
import { describe } from "./renderPlan.ts"
import { seconds } from "./renderReport.ts"

/** Between two lines about one pull where they stay, and where one is written over the other. */
const intervals = { lines: 10_000, terminal: 100 } as const

export interface ProgressOptions {
  /** Writes a line over the one that it wrote last. Only on a terminal. */
  readonly rewrite?: ((line: string) => void) | undefined
  /** What is done with the plan before it is carried out. */
  readonly onPlan?: ((plan: Plan) => Effect.Effect<void>) | undefined
}

/**
 * Tells a run's progress through the log: a line for each thing. Of a pull there is a line every ten seconds; on a
 * terminal, `rewrite` is given one that replaces the last, ten times a second.
 */
export const withProgress = <A, E, R>(
  run: Effect.Effect<A, E, R>,
  { rewrite, onPlan }: ProgressOptions = {}
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const meter = new PullMeter()
    const interval = rewrite === undefined ? intervals.lines : intervals.terminal
    let began: number | undefined
    let told = 0
    let shown = false
    const clear = Effect.sync(() => {
      if (shown) rewrite?.("")
      shown = false
    })

    const pulling = (event: Extract<ProgressEvent, { readonly _tag: "Pulling" }>) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        if (began === undefined) began = told = now
        meter.add(event.progress)
        if (now - told < interval) return Effect.void
        told = now
        const line = `pulling ${event.image}: ${meter.line(now - began)}`
        if (rewrite === undefined) return Effect.logInfo(line)
        shown = true
        return Effect.sync(() => rewrite(line))
      })

    const tell = (event: ProgressEvent): Effect.Effect<void> => {
      switch (event._tag) {
        case "Warning":
          return Effect.logWarning(event.text)
        case "Waiting":
          return Effect.logInfo(`waiting: ${event.text}`)
        case "Retrying":
          return Effect.logWarning(retrying(event))
        case "Planned":
          return onPlan === undefined ? Effect.void : onPlan(event.plan)
        case "Pulling":
          return pulling(event)
        case "StepStarted":
          return Effect.logInfo(`${describe(event.step.action)}, because ${event.step.cause}`)
        case "StepDone": {
          const pulled = event.step.action._tag === "Pull" ? meter.total : ""
          return Effect.logInfo(`done: ${describe(event.step.action)} (${seconds(event.duration)}${pulled})`)
        }
        case "StepFailed":
          return Effect.logError(`failed: ${describe(event.step.action)}: ${event.message.split("\n")[0]}`)
        case "StepUndone":
          return Effect.logInfo(
            event.step.action._tag === "Stop"
              ? `the container that ran before runs again: ${event.step.action.container.name}`
              : `taken back: ${describe(event.step.action)}`
          )
        case "UndoFailed":
          return Effect.logError(`could not take back: ${describe(event.step.action)}: ${event.message}`)
      }
    }
    return Effect.provideService(run, Progress, (event) =>
      event._tag === "Pulling" ? tell(event) : Effect.andThen(clear, tell(event))
    ).pipe(Effect.ensuring(clear))
  })
