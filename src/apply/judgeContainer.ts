import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { type EngineRestartPolicy, isEndAsDeclared } from "../vm/engine/ContainerSpec.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { StartReason } from "../vm/engine/DockerError.ts"
import type { ContainerEvent, ContainerInspection } from "../vm/engine/Inspection.ts"

/** What is wrong with a container that was started. */
export interface Failure {
  readonly detail: string
  readonly exitCode: Option.Option<number>
  /** It is a job, which is to end, but not like this. */
  readonly isJob?: boolean
  /** Somebody has removed it. */
  readonly isRemoved?: boolean
  /** The engine has told that the kernel killed a process of it for want of memory. */
  readonly hasRunOutOfMemory?: boolean
  /** Its id, if the engine had sent it a signal before it ended. */
  readonly signalled?: string
  readonly reason?: StartReason
  /** What its hook wrote at last. */
  readonly hookLines?: ReadonlyArray<string>
}

export const vanished: Failure = {
  detail: "was removed while it was starting",
  exitCode: Option.none(),
  isRemoved: true
}

const ended = (exitCode: number, policy: EngineRestartPolicy): Option.Option<Failure> =>
  isEndAsDeclared(policy, exitCode)
    ? Option.none()
    : Option.some({
        detail: `ended right after its start, against its restart policy "${policy.name}"`,
        exitCode: Option.some(exitCode),
        isJob: policy.name === "no"
      })

const unhealthy: Failure = { detail: "is unhealthy by its image's health check", exitCode: Option.none() }

/** `since`: what has happened to it since its start. */
const judgeEvent = (
  event: Extract<ContainerEvent, { readonly _tag: "Died" | "Health" }>,
  policy: EngineRestartPolicy,
  since: Pick<Failure, "hasRunOutOfMemory" | "signalled">
): Option.Option<Failure> => {
  if (event._tag === "Died") return Option.map(ended(event.exitCode, policy), (failure) => ({ ...failure, ...since }))
  return event.health === "healthy" ? Option.none() : Option.some(unhealthy)
}

/**
 * What is wrong with a container by its state. `restartsBefore` is how often the engine had restarted a container that was
 * there before; undefined for a new one.
 */
export const judgeState = (
  { status, restartCount, exitCode, health }: ContainerInspection,
  policy: EngineRestartPolicy,
  restartsBefore: number | undefined
): Option.Option<Failure> => {
  // Who pauses it does not end it.
  const isUp = status === "running" || status === "paused"
  if (isUp && Option.contains(health, "unhealthy")) return Option.some(unhealthy)
  if (isUp && restartCount <= (restartsBefore ?? 0)) return Option.none()
  if (status === "exited" || restartsBefore === undefined) return ended(exitCode, policy)
  const times = `the engine has restarted it ${restartCount} ${restartCount === 1 ? "time" : "times"}`
  return Option.some({
    detail: `ends again and again: ${times}`,
    exitCode: isUp ? Option.none() : Option.some(exitCode)
  })
}

/**
 * The engine's events of a new container, each judged. None come of a container that was there before: its events include
 * ends from which it has recovered. Never ends by itself, not even if it cannot be read: events only make things known
 * faster.
 */
export const judgedEvents = (id: string, policy: EngineRestartPolicy, restartsBefore: number | undefined) =>
  Stream.unwrap(
    Effect.map(DockerClient, (docker) =>
      // By its id: the engine also knows the events of earlier containers of this name.
      (restartsBefore === undefined ? docker.containerEvents(id) : Stream.empty).pipe(
        // An inspection forgets it with the next start.
        Stream.mapAccum(
          (): Pick<Failure, "hasRunOutOfMemory" | "signalled"> => ({}),
          (since, event) => {
            if (event._tag === "OutOfMemory") return [{ ...since, hasRunOutOfMemory: true }, []]
            if (event._tag === "Signalled") return [{ ...since, signalled: id }, []]
            if (event._tag === "Updated") return [since, []]
            return [event._tag === "Died" ? {} : since, [judgeEvent(event, policy, since)]]
          }
        ),
        Stream.catch((error) => Stream.fromEffectDrain(Effect.logDebug(`no events: ${error.message}`))),
        Stream.concat(Stream.never)
      )
    )
  )
