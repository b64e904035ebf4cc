import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Workload } from "../workload/Workload.ts"
import type { Aftermath, NextTry } from "../progress/Aftermath.ts"
import { whatRuns } from "../observation/whatRuns.ts"

/** Finds out what runs now; `none` where the engine does not tell. */
export const aftermathOf = (
  { containers: [container] }: Workload,
  name: string,
  nextTry: NextTry | undefined
): Effect.Effect<Option.Option<Aftermath>, never, Effect.Services<ReturnType<typeof whatRuns>>> =>
  whatRuns(container.name).pipe(
    Effect.map((running): Aftermath => ({ wanted: { name, image: container.image.text }, running, nextTry })),
    Effect.option
  )
