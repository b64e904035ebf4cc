import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Plan } from "../startup/Plan.ts"
import { logProgress, Progress, type ProgressEvent } from "../startup/Progress.ts"
import { describe, seconds } from "../startup/words.ts"
import { PullMeter } from "./PullMeter.ts"

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
      if (event._tag === "Pulling") return pulling(event)
      if (event._tag === "Planned" && onPlan !== undefined) return Effect.andThen(clear, onPlan(event.plan))
      if (event._tag === "StepDone" && event.step.action._tag === "Pull") {
        const line = `done: ${describe(event.step.action)} (${seconds(event.duration)}${meter.total})`
        return Effect.andThen(clear, Effect.logInfo(line))
      }
      return Effect.andThen(clear, logProgress(event))
    }
    return Effect.provideService(run, Progress, tell).pipe(Effect.ensuring(clear))
  })
