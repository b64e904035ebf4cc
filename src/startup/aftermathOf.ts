import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import { whatRuns } from "../observation/whatRuns.ts"
import type { EngineNames } from "../plan/Member.ts"
import type { Aftermath, NextTry } from "../progress/Aftermath.ts"
import type { DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import { containerNames } from "../workload/Workload.ts"

/** Finds out what runs now; `none` if the engine does not say. */
export const aftermathOf = (
  workload: DeclaredWorkload,
  names: EngineNames,
  nextTry: NextTry | undefined
): Effect.Effect<Option.Option<Aftermath>, never, Effect.Services<ReturnType<typeof whatRuns>>> =>
  whatRuns(containerNames(workload)).pipe(
    Effect.map((running): Aftermath => ({
      wanted: [...workload.initContainers.filter(({ isSidecar }) => isSidecar), ...workload.containers].map(
        ({ name, image }) => ({ name: names.get(name) ?? name, image: image.text })
      ),
      running,
      nextTry
    })),
    Effect.option
  )
