import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { monotonicMillis } from "../timing/stopwatch.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { ContainerHappening } from "../vm/engine/Inspection.ts"

/** By how much at most an engine tells of an end later than it answers the call that asked for it. */
const lag = Duration.toMillis(Duration.seconds(1))

/** What this process has an engine do with a container. */
interface Change {
  /** The last that was asked for. */
  readonly asked: "start" | "stop" | "removal" | "renaming" | "unpausing" | "update"
  /** How many calls are under way. */
  readonly underWay: number
  readonly endedAt: number
}

/** What says nothing of what becomes of a container's process, and is noted apart. */
const apart: Readonly<Partial<Record<ContainerHappening["event"]["_tag"], Change["asked"]>>> = {
  Renamed: "renaming",
  Unpaused: "unpausing",
  Updated: "update"
}

const keyOf = (id: string, asked: Change["asked"] | undefined): string =>
  asked !== undefined && Object.values(apart).includes(asked) ? `${asked} ${id}` : id

/**
 * Tells what this process does with containers from what others do. What it stops or removes through `docker` is its own
 * while the call is under way, and for a second after it; so is the beginning of what it starts, not its end. All that it
 * starts, stops or removes in a look is its own until the look ends, which sees by itself what becomes of what it starts.
 */
export const makeOwnChanges = Effect.gen(function* () {
  const engine = yield* DockerClient
  /** By the containers' ids, by which all calls of a run have them. */
  const changes = new Map<string, Change>()
  let lookSince: number | undefined

  const isUnderWay = ({ underWay, endedAt }: Change): boolean =>
    underWay > 0 || (lookSince !== undefined && endedAt >= lookSince)
  const isRecent = ({ endedAt }: Change, at: number): boolean => at - endedAt <= lag

  const note = (id: string, asked: Change["asked"], underWay: 1 | -1) =>
    Effect.map(monotonicMillis, (endedAt) => {
      const key = keyOf(id, asked)
      changes.set(key, { asked, underWay: (changes.get(key)?.underWay ?? 0) + underWay, endedAt })
    })
  const noting =
    <Rest extends ReadonlyArray<unknown>, A, E>(
      asked: Change["asked"],
      call: (id: string, ...rest: Rest) => Effect.Effect<A, E>
    ) =>
    (id: string, ...rest: Rest) =>
      Effect.acquireUseRelease(
        note(id, asked, 1),
        () => call(id, ...rest),
        () => note(id, asked, -1)
      )
  const docker = DockerClient.of({
    ...engine,
    startContainer: noting("start", engine.startContainer),
    stopContainer: noting("stop", engine.stopContainer),
    removeContainer: noting("removal", engine.removeContainer),
    renameContainer: noting("renaming", engine.renameContainer),
    unpauseContainer: noting("unpausing", engine.unpauseContainer),
    updateRestartPolicy: noting("update", engine.updateRestartPolicy)
  })

  /**
   * What of our own it comes of; undefined if of nothing, as where it is paused, which this process never does. A removal
   * that is not ours is somebody else's, whatever else we did.
   */
  const ownOf = ({ id, event: { _tag } }: ContainerHappening) =>
    Effect.map(monotonicMillis, (at) => {
      const change = _tag === "Paused" ? undefined : changes.get(keyOf(id, apart[_tag]))
      if (change === undefined || (_tag === "Destroyed" && change.asked !== "removal")) return undefined
      const isOwn = isUnderWay(change) || (isRecent(change, at) && (change.asked !== "start" || _tag === "Started"))
      return isOwn ? change.asked : undefined
    })

  const begin = Effect.map(monotonicMillis, (at) => {
    for (const [key, change] of changes) if (!isUnderWay(change) && !isRecent(change, at)) changes.delete(key)
    lookSince = at
  })
  const end = Effect.sync(() => {
    lookSince = undefined
  })

  return { docker, ownOf, begin, end }
})
