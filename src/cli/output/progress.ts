import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Aftermath } from "../../progress/Aftermath.ts"
import type { PlanDescription } from "../../progress/PlanDescription.ts"
import { logProgress, Progress, type ProgressEvent } from "../../progress/Progress.ts"
import { stopwatch } from "../../timing/stopwatch.ts"
import { seconds } from "../../text/seconds.ts"
import { PullMeter } from "./PullMeter.ts"
import type { TellStatus } from "../../vm/systemd/systemdStatus.ts"

/** Between two lines about one pull where they stay, and where one is written over the other. */
const intervals = { lines: 10_000, terminal: 100 } as const

export interface ProgressOptions {
  /** Writes a line over the one that it wrote last. Only on a terminal. */
  readonly rewrite?: ((line: string) => void) | undefined
  /** What is done with the plan before it is carried out. */
  readonly onPlan?: ((plan: PlanDescription) => Effect.Effect<void>) | undefined
  /** Is given what a run that failed leaves. */
  readonly onFailed?: ((aftermath: Aftermath) => void) | undefined
  /** Is given what the run is at, in a few words. */
  readonly status?: TellStatus | undefined
}

/**
 * Tells a run's progress through the log: a line for each thing. Of a pull there is a line every ten seconds; on a
 * terminal, `rewrite` is given one that replaces the last, ten times a second.
 */
export const withProgress = <A, E, R>(
  run: Effect.Effect<A, E, R>,
  { rewrite, onPlan, onFailed, status = () => Effect.void }: ProgressOptions = {}
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const meter = new PullMeter()
    const interval = rewrite === undefined ? intervals.lines : intervals.terminal
    let sinceBegan: Effect.Success<typeof stopwatch> | undefined
    let told = 0
    let shown = false
    const clear = Effect.sync(() => {
      if (shown) rewrite?.("")
      shown = false
    })

    const pulling = (event: Extract<ProgressEvent, { readonly _tag: "Pulling" }>) =>
      Effect.gen(function* () {
        sinceBegan ??= yield* stopwatch
        const elapsed = Duration.toMillis(yield* sinceBegan)
        meter.add(event.progress)
        if (elapsed - told < interval) return
        told = elapsed
        const line = `pulling ${event.image}: ${meter.line(elapsed)}`
        if (rewrite === undefined) return yield* Effect.andThen(Effect.logInfo(line), status(line))
        shown = true
        rewrite(line)
      })

    const tell = (event: ProgressEvent): Effect.Effect<void> => {
      if (event._tag === "Pulling") return pulling(event)
      if (event._tag === "Planned" && onPlan !== undefined) return Effect.andThen(clear, onPlan(event.plan))
      if (event._tag === "Failed") onFailed?.(event.aftermath)
      if (event._tag === "StepDone" && event.step.kind === "Pull") {
        const line = `done: ${event.step.text} (${seconds(event.duration)}${meter.total})`
        return Effect.andThen(clear, Effect.logInfo(line))
      }
      return Effect.andThen(clear, logProgress(event))
    }
    const tellAll = (event: ProgressEvent): Effect.Effect<void> => {
      const line = statusOf(event)
      return line === undefined ? tell(event) : Effect.andThen(tell(event), status(line))
    }
    return Effect.provideService(run, Progress, tellAll).pipe(Effect.ensuring(clear))
  })

/** What a run is at since this happened; undefined where that is as it was. */
const statusOf = (event: ProgressEvent): string | undefined => {
  switch (event._tag) {
    case "Waiting":
      return `waiting: ${event.text}`
    case "Retrying":
      return `retrying: ${event.message}`
    case "StepStarted":
      return event.step.text
    case "StepUndone":
      return "rolling back what was begun"
    default:
      return undefined
  }
}
