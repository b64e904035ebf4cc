import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { DockerClient } from "../vm/DockerClient.ts"
import { withDeadline } from "./Deadlines.ts"
import { isActive, isLost, type OurContainer } from "./Observation.ts"
import { inspectOurs } from "./observeContainers.ts"

/** A container of ours that runs, as an operator is told of it. */
export const RunningContainer = Schema.Struct({
  name: Schema.String,
  /** The reference that it was created with. */
  image: Schema.String,
  status: Schema.String,
  /** When it was started, in milliseconds since the epoch by the host's wall clock. */
  since: Schema.Option(Schema.Finite)
})
export type RunningContainer = typeof RunningContainer.Type

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

/** `klt-web-abcd, from app:1, running since 2026-01-01T00:00:00.000Z` */
export const describeRunning = ({ name, image, status, since }: RunningContainer): string =>
  `${name}, from ${image}, ${status}${Option.match(since, {
    onNone: () => "",
    onSome: (millis) => ` since ${DateTime.formatIso(DateTime.makeUnsafe(millis))}`
  })}`

/** What runs of ours now. Fails as the engine does; it is asked once, as this adds to what has failed already. */
export const whatRuns = Effect.fnUntraced(function* (containerName: string) {
  const docker = yield* DockerClient
  const all = yield* docker.listContainers.pipe(withDeadline("LIST", "list containers"))
  const { containers, lost } = yield* inspectOurs(all, containerName)
  return runningOf([...containers, ...lost])
})
