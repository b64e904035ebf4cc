import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import { bootNames, nameFor } from "../observation/bootNames.ts"
import { runningOf, whatIsThere } from "../observation/whatRuns.ts"
import type { EngineNames } from "../plan/Member.ts"
import type { Aftermath } from "../progress/Aftermath.ts"
import type { DeclaredWorkload } from "../workload/DeclaredWorkload.ts"
import { containerNames } from "../workload/Workload.ts"
import type { Memory } from "./match.ts"

/**
 * Finds out what runs now; `none` if the engine does not say. What is declared is named as it was planned, or would be:
 * the first of a boot's names may be another's.
 */
export const aftermathOf = (
  workload: DeclaredWorkload,
  names: EngineNames,
  { planned, nextTry }: Memory
): Effect.Effect<Option.Option<Aftermath>, never, Effect.Services<ReturnType<typeof whatIsThere>>> =>
  whatIsThere(containerNames(workload)).pipe(
    Effect.map((there): Aftermath => {
      const wantedName = (name: string): string =>
        planned?.containers.find(({ container }) => container === name)?.name ??
        nameFor(bootNames(names.get(name) ?? name), { ...there, unusableNames: [] })
      const running = runningOf([...there.containers, ...there.lost])
      return {
        wanted: [...workload.initContainers.filter(({ isSidecar }) => isSidecar), ...workload.containers].map(
          ({ name, image }) => ({ name: wantedName(name), image: image.text })
        ),
        running,
        // Where nothing runs that the next try could cost, nothing holds it back.
        nextTry: running.length === 0 ? undefined : nextTry
      }
    }),
    Effect.option
  )
