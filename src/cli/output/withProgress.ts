import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { Aftermath } from "../../progress/Aftermath.ts"
import type { PlanDescription } from "../../progress/PlanDescription.ts"
import { logProgress, Progress, type ProgressEvent } from "../../progress/Progress.ts"
import { stopwatch } from "../../timing/stopwatch.ts"
import { seconds } from "../../text/seconds.ts"
import { PullMeter } from "./PullMeter.ts"
import type { TellStatus } from "../../vm/systemd/systemdStatus.ts"

/** Milliseconds between two lines about one pull: where lines stay, and on a terminal, where one replaces the other. */
const intervals = { lines: 10_000, terminal: 100 } as const

export interface ProgressOptions {
  /** Replaces the line that it wrote last. Only on a terminal. */
  readonly rewrite?: ((line: string) => void) | undefined
  /** Called with the plan before it is applied. */
  readonly onPlan?: ((plan: PlanDescription) => Effect.Effect<void>) | undefined
  /** Called with what a failed run leaves. */
  readonly onFailed?: ((aftermath: Aftermath) => void) | undefined
  /** Called with what the run is doing, in a few words. */
  readonly status?: TellStatus | undefined
}

/**
 * Logs a run's progress, one line an event. A pull gets a line every ten seconds, or on a terminal one that is rewritten
 * ten times a second.
 */
export const withProgress = <A, E, R>(
  run: Effect.Effect<A, E, R>,
  { rewrite, onPlan, onFailed, status = () => Effect.void }: ProgressOptions = {}
): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const pulls = new Map<string, Pull>()
    const interval = rewrite === undefined ? intervals.lines : intervals.terminal
    let isLineShown = false
    const clear = Effect.sync(() => {
      if (isLineShown) rewrite?.("")
      isLineShown = false
    })

    const pulling = (event: Extract<ProgressEvent, { readonly _tag: "Pulling" }>) =>
      Effect.gen(function* () {
        const pull = pulls.get(event.image) ?? { meter: new PullMeter(), elapsed: yield* stopwatch, lastLineAt: 0 }
        pulls.set(event.image, pull)
        const elapsed = Duration.toMillis(yield* pull.elapsed)
        pull.meter.add(event.progress)
        if (elapsed - pull.lastLineAt < interval) return
        pull.lastLineAt = elapsed
        const line = `pulling ${event.image}: ${pull.meter.line(elapsed)}`
        if (rewrite === undefined) return yield* Effect.andThen(Effect.logInfo(line), status(line))
        isLineShown = true
        rewrite(line)
      })

    const logEvent = (event: ProgressEvent): Effect.Effect<void> => {
      if (event._tag === "Pulling") return pulling(event)
      if (event._tag === "Planned" && onPlan !== undefined) return Effect.andThen(clear, onPlan(event.plan))
      if (event._tag === "Failed") onFailed?.(event.aftermath)
      if (event._tag === "StepDone" && event.step.kind === "Pull") {
        const total = pulls.get(event.step.image ?? "")?.meter.total ?? ""
        const line = `done: ${event.step.text} (${seconds(event.duration)}${total})`
        return Effect.andThen(clear, Effect.logInfo(line))
      }
      return Effect.andThen(clear, logProgress(event))
    }
    const onEvent = (event: ProgressEvent): Effect.Effect<void> => {
      const line = statusOf(event)
      return line === undefined ? logEvent(event) : Effect.andThen(logEvent(event), status(line))
    }
    return Effect.provideService(run, Progress, onEvent).pipe(Effect.ensuring(clear))
  })

/** The pull of one image. */
interface Pull {
  readonly meter: PullMeter
  readonly elapsed: Effect.Success<typeof stopwatch>
  lastLineAt: number
}

/** What the run is doing from this event on; undefined where the event does not change that. */
const statusOf = (event: ProgressEvent): string | undefined => {
  switch (event._tag) {
    case "Waiting":
      return `waiting: ${event.text}`
    case "Retrying":
      return `retrying: ${event.message}`
    case "StepStarted":
      return event.step.text
    case "RollingBack":
      return "rolling back"
    default:
      return undefined
  }
}
