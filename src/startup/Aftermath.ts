import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Workload } from "../declaration/Workload.ts"
import { describeRunning, type RunningContainer, whatRuns } from "./RunningContainer.ts"

/** How long what failed is not tried again, from its failure on; a job that failed is not in the same boot. */
export type NextTry = Duration.Duration | "next boot"

/** What a run that failed leaves behind. */
export interface Aftermath {
  /** The container that was to run. */
  readonly wanted: { readonly name: string; readonly image: string }
  /** `none` where nothing of ours runs. */
  readonly running: Option.Option<RunningContainer>
  /** Undefined where nothing holds the next try back. */
  readonly nextTry: NextTry | undefined
}

/** Finds out what runs now; `none` where the engine does not tell. */
export const aftermathOf = (
  { container }: Workload,
  name: string,
  nextTry: NextTry | undefined
): Effect.Effect<Option.Option<Aftermath>, never, Effect.Services<ReturnType<typeof whatRuns>>> =>
  whatRuns(container.name).pipe(
    Effect.map((running): Aftermath => ({ wanted: { name, image: container.image.text }, running, nextTry })),
    Effect.option
  )

/** As people read it, below the reason why the run failed. */
export const describeAftermath = ({ wanted, running, nextTry }: Aftermath): ReadonlyArray<string> => [
  `Declared: ${wanted.name}, from ${wanted.image}.`,
  Option.match(running, {
    onNone: () => "Running: nothing.",
    onSome: (container) => `Running${nextTry === undefined ? "" : " in its place"}: ${describeRunning(container)}.`
  }),
  ...(nextTry === undefined
    ? []
    : [
        `It is not tried again ${nextTry === "next boot" ? "in this boot" : `for ${Duration.format(nextTry)}`}, ` +
          "unless the declaration or the image changes; `slipway up --retry` tries at once."
      ])
]
