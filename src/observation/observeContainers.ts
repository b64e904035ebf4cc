import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { DockerError } from "../vm/engine/DockerError.ts"
import type { ContainerInspection, ContainerSummary, ImageInspection } from "../vm/engine/Inspection.ts"
import { oneLine } from "../text/printable.ts"
import { type OperationTimeout, withDeadline } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import { detailOf, isEngineAway } from "../vm/engine/DockerError.ts"
import { type ImageObservation, isBeingRemoved, isLost, type LostContainer, type OurContainer } from "./Observation.ts"
import type { TakenPort } from "./observePorts.ts"
import { isOurs } from "./Ownership.ts"

/** The containers on the VM: ours, those of ours that are lost, and the others' names. */
export const observeContainers = Effect.fnUntraced(function* (containerNames: ReadonlyArray<string>) {
  const docker = yield* DockerClient
  const all = yield* docker.listContainers.pipe(attempt("LIST", "list containers"))
  return {
    ...(yield* inspectOurs(all, containerNames)),
    foreignPorts: all
      .filter((container) => !isOurs(container, containerNames))
      .flatMap(({ id, names, ports }) =>
        ports.map(({ hostPort, protocol }): TakenPort => ({ port: hostPort, protocol, container: names[0] ?? id }))
      ),
    foreignNames: all.filter((container) => !isOurs(container, containerNames)).flatMap((container) => container.names)
  }
})

/**
 * Our containers, with the lost ones apart. One that has gone since it was listed is left out. A container that cannot
 * be inspected must not end the run: only an engine that is away does.
 */
export const inspectOurs = Effect.fnUntraced(function* (
  all: ReadonlyArray<ContainerSummary>,
  containerNames: ReadonlyArray<string>
) {
  const docker = yield* DockerClient
  const seen = yield* Effect.forEach(
    all.filter((container) => isOurs(container, containerNames)),
    (summary) =>
      docker.inspectContainer(summary.id).pipe(
        attempt("INSPECT", `inspect container ${nameOf(summary)}`),
        Effect.map(Option.map((found): OurContainer => (isBeingRemoved(found) ? unremovable(found) : found))),
        Effect.catchIf(
          (error) => !isEngineAway(error),
          (error) => Effect.succeedSome<OurContainer>(uninspectable(summary, error))
        )
      ),
    { concurrency: 8 }
  )
  const ours = seen.flatMap(Option.toArray)
  return { containers: ours.filter(isKnown), lost: ours.filter(isLost) }
})

const isKnown = (container: OurContainer): container is ContainerInspection => !isLost(container)

const nameOf = ({ id, names }: ContainerSummary): string => names[0] ?? id

const unremovable = ({ error, ...found }: ContainerInspection): LostContainer =>
  lost(found, `the engine has not come to an end of removing it${error === "" ? "" : `: ${oneLine(error)}`}`)

const uninspectable = (summary: ContainerSummary, error: DockerError | OperationTimeout): LostContainer =>
  lost({ ...summary, name: nameOf(summary) }, `the engine cannot inspect it: ${detailOf(error)}`)

const lost = (known: Omit<LostContainer, "why">, why: string): LostContainer => {
  const { id, name, imageId, labels, status, exitCode } = known
  return { id, name, imageId, labels, status, exitCode, why }
}

/**
 * What the images of our containers bring into them. It only serves to name differences, so an image that cannot be
 * inspected is left out.
 */
export const observeImageConfigs = Effect.fnUntraced(function* (
  containers: ReadonlyArray<ContainerInspection>,
  images: ReadonlyMap<string, ImageObservation>
) {
  const docker = yield* DockerClient
  const held = new Map(
    [...images.values()].flatMap(({ local }) => Option.toArray(local)).map(({ id, config }) => [id, config])
  )
  const others = [...new Set(containers.map(({ imageId }) => imageId))].filter((id) => !held.has(id))
  const found = yield* Effect.forEach(
    others,
    (id) =>
      docker.inspectImage(id).pipe(
        withDeadline("INSPECT", `inspect image ${id}`),
        Effect.orElseSucceed(Option.none<ImageInspection>),
        Effect.map((image) => Option.toArray(image).map(({ config }) => [id, config] as const))
      ),
    { concurrency: 8 }
  )
  for (const [id, config] of found.flat()) held.set(id, config)
  return held
})
