import * as Effect from "effect/Effect"
import { Supervision } from "../observation/Supervision.ts"
import { tell } from "../progress/Progress.ts"
import { allContainers, type Workload } from "../workload/Workload.ts"

/** Says what of a declaration has no effect once a run has ended, if no agent goes on. */
export const tellLeftToAgent = Effect.fnUntraced(function* (workload: Workload) {
  if ((yield* Supervision) !== undefined) return
  if (workload.activeDeadlineSeconds !== undefined) {
    yield* tell({
      _tag: "Notice",
      text: "the activeDeadlineSeconds are for `slipway agent`: `slipway up` ends once the containers are up, and stops nothing later"
    })
  }
  const probed = allContainers(workload).filter(({ probes }) => probes?.liveness !== undefined)
  if (probed.length > 0) {
    const names = probed.map(({ name }) => name).filter((name) => name !== "")
    yield* tell({
      _tag: "Notice",
      text: `the livenessProbe${names.length === 0 ? "" : ` of ${names.join(", ")}`} is for \`slipway agent\`: \`slipway up\` ends once the containers are up, and probes nothing later`
    })
  }
})
