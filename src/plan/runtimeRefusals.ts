import type { Observation } from "../observation/Observation.ts"
import type { Workload } from "../workload/Workload.ts"
import type { Fate } from "./comparison.ts"
import { RuntimeUnavailable } from "./RuntimeRefusal.ts"

/** The runtime of new containers, if the engine cannot give it. */
export const runtimeRefusals = (
  { runtime }: Workload,
  { engineFacts, volumes: { engine } }: Observation,
  created: ReadonlyArray<Fate>
): ReadonlyArray<RuntimeUnavailable> => {
  if (runtime === undefined || engineFacts === undefined || created.length === 0) return []
  const { runtimes } = engineFacts
  if (engine?.name === "Podman") return [new RuntimeUnavailable({ runtime, runtimes, why: "engine" })]
  return runtimes.includes(runtime) ? [] : [new RuntimeUnavailable({ runtime, runtimes, why: "missing" })]
}
