import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { isActive, isLost, type OurContainer } from "./Observation.ts"
import type { RunningContainer } from "../progress/Aftermath.ts"
import { roleLabel } from "./Ownership.ts"
import { inspectOurs } from "./observeContainers.ts"

/**
 * The containers that run, or will without anyone starting them; restarting ones come last. The sandbox only serves
 * them, and is left out.
 */
export const runningOf = (containers: ReadonlyArray<OurContainer>): ReadonlyArray<RunningContainer> =>
  containers
    .filter((container) => isActive(container) && container.labels[roleLabel] !== "sandbox")
    .toSorted((one, other) => Number(one.status !== "running") - Number(other.status !== "running"))
    .map((container) => ({
      name: container.name,
      image: isLost(container) ? container.imageId : container.image,
      status: container.status,
      since: isLost(container) ? Option.none() : container.startedAt
    }))

/** Our containers now. Fails as the engine does, and is not retried: it only adds to an earlier failure. */
export const whatIsThere = Effect.fnUntraced(function* (containerNames: ReadonlyArray<string>) {
  const docker = yield* DockerClient
  const all = yield* docker.listContainers.pipe(withDeadline("LIST", "list containers"))
  return yield* inspectOurs(all, containerNames)
})
