import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { isActive, isLost, type OurContainer } from "./Observation.ts"
import type { RunningContainer } from "../progress/Aftermath.ts"
import { inspectOurs } from "./observeContainers.ts"

/** The one of these containers that runs, or will without anybody's doing. */
export const runningOf = (containers: ReadonlyArray<OurContainer>): Option.Option<RunningContainer> => {
  const active = containers.filter(isActive)
  // One that restarts is the worse answer where another one runs.
  const found = active.find(({ status }) => status === "running") ?? active[0]
  return Option.map(Option.fromUndefinedOr(found), (container) => ({
    name: container.name,
    image: isLost(container) ? container.imageId : container.image,
    status: container.status,
    since: isLost(container) ? Option.none() : container.startedAt
  }))
}

/** What runs of ours now. Fails as the engine does; it is asked once, as this adds to what has failed already. */
export const whatRuns = Effect.fnUntraced(function* (containerName: string) {
  const docker = yield* DockerClient
  const all = yield* docker.listContainers.pipe(withDeadline("LIST", "list containers"))
  const { containers, lost } = yield* inspectOurs(all, containerName)
  return runningOf([...containers, ...lost])
})
