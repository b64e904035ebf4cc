import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { isActive, type OurContainer } from "../observation/Observation.ts"
import { graceOf } from "../plan/stopGrace.ts"
import type { OperationTimeout } from "../timing/Deadlines.ts"
import { attemptChange, unlessDone } from "../timing/LostAnswer.ts"
import { attempt, isRetryable } from "../timing/Retries.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { DockerError } from "../vm/engine/DockerError.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import type { KnownContainer } from "./Created.ts"
import { isUp } from "./leftover.ts"

/**
 * A lagging engine may carry out the request of a run that died after this run has looked and before it asks. The
 * engine then refuses a change that has already been made.
 */
export const isRefusal = (error: unknown): boolean => !isRetryable(error)

/**
 * A container that the engine is removing, or has failed to remove, is never started again. Source: moby's
 * daemon/update.go.
 */
const isForbiddenToStart = (error: DockerError): boolean => /marked for removal/i.test(error.reason.detail)

const isTaken = (error: unknown): boolean => error instanceof DockerError && error.reason._tag === "Conflict"

/**
 * The calls that change a container that is there. After a lost answer none is repeated blindly: each says how to check
 * whether it took effect.
 */
export const makeContainerCalls = Effect.gen(function* () {
  const docker = yield* DockerClient

  /**
   * Whether the container's inspection shows the change; `absent` is the answer where there is no such container. One
   * that cannot be inspected shows nothing: the error of the change says more than that of the look.
   */
  const sees = (idOrName: string, says: (found: ContainerInspection) => boolean, absent = false) =>
    docker.inspectContainer(idOrName).pipe(
      attempt("INSPECT", `inspect container ${idOrName}`),
      Effect.map(Option.match({ onNone: () => absent, onSome: says })),
      Effect.orElseSucceed(() => false)
    )

  const stop = ({ id, name }: Pick<OurContainer, "id" | "name">, grace: Duration.Duration) =>
    docker.stopContainer(id, grace).pipe(
      attemptChange(
        "STOP",
        `stop container ${name}`,
        Effect.orElseSucceed(
          Effect.map(isUp(id), (up) => !up),
          () => false
        ),
        grace
      )
    )

  /** One that has run before. */
  const startAgain = ({ id, name }: Pick<OurContainer, "id" | "name">) =>
    docker.startContainer(id).pipe(attemptChange("START", `start container ${name}`, sees(id, isActive)))

  const renameAsItIs = (id: string, name: string) => {
    const isNamed = sees(id, (found) => found.name === name)
    return docker
      .renameContainer(id, name)
      .pipe(unlessDone(isNamed, isRefusal), attemptChange("INSPECT", `rename container ${id} to ${name}`, isNamed))
  }

  /**
   * Between two starts of a container that ends again and again Docker takes it for running, and does not find its network,
   * which it renames as well. So it is stopped for that moment. Source: moby's daemon/rename.go.
   */
  const rename = (id: string, name: string) =>
    Effect.catchReason(renameAsItIs(id, name), "DockerError", "NotFound", (_, error) =>
      Effect.gen(function* () {
        const found = yield* docker.inspectContainer(id).pipe(attempt("INSPECT", `inspect container ${id}`))
        if (Option.isNone(found)) return yield* error
        const container = found.value
        // Meanwhile it has ended, as what joins a sandbox that is not there.
        if (!isActive(container)) return yield* renameAsItIs(id, name)
        yield* stop(container, graceOf(container))
        yield* Effect.onExit(renameAsItIs(id, name), () => Effect.ignore(startAgain(container)))
      })
    )

  const setRestartPolicy = ({ id, name }: KnownContainer, policy: ContainerInspection["restartPolicy"]) =>
    docker.updateRestartPolicy(id, policy).pipe(
      Effect.catchIf(isForbiddenToStart, () => Effect.void),
      attemptChange(
        "INSPECT",
        `change the restart policy of ${name}`,
        sees(id, (found) => found.restartPolicy.name === policy.name)
      )
    )

  /** Somebody may have let it go on meanwhile. */
  const unpause = ({ id, name }: Pick<OurContainer, "id" | "name">) => {
    const goesOn = sees(id, (found) => found.status !== "paused")
    return docker
      .unpauseContainer(id)
      .pipe(unlessDone(goesOn, isRefusal), attemptChange("INSPECT", `unpause container ${name}`, goesOn))
  }

  const isGone = (idOrName: string) => sees(idOrName, () => false, true)

  /** A removal under way may be ours, of a request whose answer was lost: allow it a few seconds. */
  const remove = ({ id, name }: KnownContainer) =>
    docker.removeContainer(id).pipe(
      Effect.catchReason("DockerError", "Conflict", (_, error) =>
        Effect.flatMap(
          Effect.repeat(isGone(id), {
            schedule: Schedule.spaced(Duration.seconds(1)),
            times: 2,
            until: (gone) => gone
          }),
          (gone) => (gone ? Effect.void : Effect.fail(error))
        )
      ),
      attemptChange("REMOVE", `remove container ${name}`, isGone(id))
    )

  /** Takes the first name that is free, and gives it. */
  const renameToFree = (
    id: string,
    name: string,
    others: ReadonlyArray<string>
  ): Effect.Effect<string, DockerError | OperationTimeout, DockerClient> =>
    rename(id, name).pipe(
      Effect.as(name),
      Effect.catchIf(isTaken, (error) => {
        const [next, ...rest] = others
        return next === undefined ? Effect.fail(error) : renameToFree(id, next, rest)
      })
    )

  return { sees, rename, renameToFree, remove, setRestartPolicy, startAgain, stop, unpause }
})
