import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import type { ContainerSpec } from "../vm/engine/ContainerSpec.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { DockerError } from "../vm/engine/DockerError.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { startFailed } from "./confirm.ts"
import { type OperationTimeout, withDeadline } from "../timing/Deadlines.ts"
import { attempt, isRetryable } from "../timing/Retries.ts"
import { attemptChange, unlessDone } from "../timing/LostAnswer.ts"
import { bootNames } from "../observation/bootNames.ts"
import { hidingValuesOf } from "./hiddenValues.ts"
import { ContainerNameInUse, ContainerStuck, isUp } from "./leftover.ts"
import { detailOf, hasAnswered } from "../vm/engine/DockerError.ts"
import { isActive, isLost, type LostContainer, type OurContainer } from "../observation/Observation.ts"
import { otherAsideNames, workloadLabel } from "../observation/Ownership.ts"
import { stopGrace } from "../plan/stopGrace.ts"
import { tell } from "../progress/Progress.ts"

/**
 * An engine that lags may come to what a run asked for that has died, after it was looked and before it is asked again.
 * It refuses then what is as it should be.
 */
const isRefusal = (error: unknown): boolean => !isRetryable(error)

/** How long the engine takes to kill a container after its grace at most. */
const killLimit = Duration.seconds(30)
/** What the engine is removing, or has failed to remove, it never starts again. Source: moby's daemon/update.go. */
const isForbiddenToStart = (error: DockerError): boolean => /marked for removal/i.test(error.reason.detail)

const isTaken = (error: unknown): boolean => error instanceof DockerError && error.reason._tag === "Conflict"

/** How often it is looked, once a second, for a container whose name the engine says is taken. */
const holderTries = 20

/**
 * The changes to containers that steps are made of. An answer that was lost is not blindly asked for again: each change
 * says how it is seen that it was made.
 */
export const makeContainerChanges = Effect.gen(function* () {
  const docker = yield* DockerClient

  /**
   * Whether what is found of a container says so; `absent` is the answer where there is none. One that cannot be inspected
   * does not say so: the error of the change tells more than that of the look.
   */
  const sees = (idOrName: string, says: (found: ContainerInspection) => boolean, absent = false) =>
    docker.inspectContainer(idOrName).pipe(
      attempt("INSPECT", `inspect container ${idOrName}`),
      Effect.map(Option.match({ onNone: () => absent, onSome: says })),
      Effect.orElseSucceed(() => false)
    )

  const rename = (id: string, name: string) => {
    const isNamed = sees(id, (found) => found.name === name)
    return docker
      .renameContainer(id, name)
      .pipe(unlessDone(isNamed, isRefusal), attemptChange("INSPECT", `rename container ${id} to ${name}`, isNamed))
  }

  const setRestartPolicy = (id: string, policy: ContainerInspection["restartPolicy"]) =>
    docker.updateRestartPolicy(id, policy).pipe(
      Effect.catchIf(isForbiddenToStart, () => Effect.void),
      attemptChange(
        "INSPECT",
        `change the restart policy of ${id}`,
        sees(id, (found) => found.restartPolicy.name === policy.name)
      )
    )

  /**
   * The engine cannot be told to forget a stop, and a start does nothing until the container has ended. Nor does the engine tell
   * that it stops one: what is set aside and runs may be stopping, or was left before it was told to. The latter runs on
   * while it is waited for.
   */
  const awaitStop = Effect.fnUntraced(function* (id: string, name: string, grace: Duration.Duration) {
    const isStopping = sees(id, (found) => isActive(found) && found.restartPolicy.name === "no")
    if (!(yield* isStopping)) return
    const limit = Duration.sum(grace, killLimit)
    yield* tell({ _tag: "Waiting", text: `${name} may be stopping; it is started when it has ended` })
    yield* docker.awaitEnd(id).pipe(Effect.retry(Schedule.spaced("1 second")), Effect.timeoutOption(limit))
  })
  const stop = ({ id, name }: OurContainer, grace: Duration.Duration) =>
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

  const isGone = (idOrName: string) => sees(idOrName, () => false, true)

  /** A removal that is under way may be ours, of a request whose answer was lost: it has a few seconds to end. */
  const remove = (idOrName: string) =>
    docker.removeContainer(idOrName).pipe(
      Effect.catchReason("DockerError", "Conflict", (_, error) =>
        Effect.flatMap(
          Effect.repeat(isGone(idOrName), {
            schedule: Schedule.spaced(Duration.seconds(1)),
            times: 2,
            until: (gone) => gone
          }),
          (gone) => (gone ? Effect.void : Effect.fail(error))
        )
      ),
      attemptChange("REMOVE", `remove container ${idOrName}`, isGone(idOrName))
    )

  /** Under the first of the names that nothing else has, which it gives. */
  const renameToFree = (
    id: string,
    name: string,
    others: ReadonlyArray<string>
  ): Effect.Effect<string, DockerError | OperationTimeout> =>
    rename(id, name).pipe(
      Effect.as(name),
      Effect.catchIf(isTaken, (error) => {
        const [next, ...rest] = others
        return next === undefined ? Effect.fail(error) : renameToFree(id, next, rest)
      })
    )

  /** The engine has given a name away and shows no such container yet: it is still making the one that we asked for before. */
  const awaitHolder = (name: string) =>
    docker.inspectContainer(name).pipe(
      withDeadline("INSPECT", `inspect container ${name}`),
      Effect.map(Option.isSome),
      // One that cannot be inspected is there.
      Effect.orElseSucceed(() => true),
      Effect.repeat({
        schedule: Schedule.spaced(Duration.seconds(1)),
        times: holderTries,
        until: (isThere) => isThere
      })
    )

  return {
    create: (spec: ContainerSpec) => {
      const isThere = sees(spec.name, (found) => found.labels[workloadLabel] === spec.labels[workloadLabel])
      return docker.createContainer(spec).pipe(
        Effect.catchReason("DockerError", "Conflict", (_, error) =>
          Effect.andThen(awaitHolder(spec.name), Effect.fail(error))
        ),
        unlessDone(isThere, isRefusal),
        attemptChange("CREATE", `create container ${spec.name}`, isThere),
        // That it exists already is all that the engine can object to.
        Effect.catchReason("DockerError", "Conflict", ({ detail }) =>
          Effect.fail(new ContainerNameInUse({ name: spec.name, detail }))
        )
      )
    },
    /** A new one: it has started even if it has ended by now. */
    start: (name: string) =>
      docker.startContainer(name).pipe(
        Effect.catchTag("DockerError", (error) => startFailed(name, error)),
        attemptChange(
          "START",
          `start container ${name}`,
          sees(name, (found) => found.status !== "created")
        )
      ),
    /** One that is lost, that has run before. */
    startAgain: ({ id, name }: LostContainer) =>
      docker.startContainer(id).pipe(attemptChange("START", `start container ${name}`, sees(id, isActive))),
    /**
     * One that ran until it was stopped for a successor, whether or not it still stops: it is started, with the restart
     * policy that it is said to have.
     */
    bringBack: ({ id, name, restartPolicy, config }: ContainerInspection, grace: Duration.Duration) =>
      awaitStop(id, name, grace).pipe(
        Effect.andThen(setRestartPolicy(id, restartPolicy)),
        Effect.andThen(
          docker
            .startContainer(id)
            .pipe(hidingValuesOf(config), attemptChange("START", `start container ${name}`, sees(id, isActive)))
        )
      ),
    /** One that has to end for another to begin. */
    stop: (container: OurContainer, grace: Duration.Duration) =>
      Effect.mapError(stop(container, grace), (error) =>
        error._tag === "DockerError" && hasAnswered(error)
          ? new ContainerStuck({ container: container.name, detail: error.reason.detail })
          : error
      ),
    remove,
    /** One that is not needed any more. What the engine has failed at before it is asked once, for this run. */
    discard: (container: OurContainer, name: string, grace: Option.Option<Duration.Duration>) =>
      Effect.gen(function* () {
        // The removal ends it too, by force, and says why not.
        if (Option.isSome(grace)) yield* Effect.ignore(stop(container, grace.value))
        yield* isLost(container)
          ? docker.removeContainer(container.id).pipe(withDeadline("REMOVE", `remove container ${name}`))
          : remove(container.id)
      }),
    /** Takes back `create`. What cannot be removed is in nobody's way, unless it runs. */
    clear: (name: string) =>
      Effect.catch(remove(name), (error) =>
        Effect.flatMap(isUp(name), (up) =>
          up
            ? Effect.fail(new ContainerStuck({ container: name, detail: detailOf(error) }))
            : tell({ _tag: "Warning", text: `${name} could not be removed, and is left: ${detailOf(error)}` })
        )
      ),
    /** The name first: it keeps the policy that is then taken away. */
    setAside: (container: ContainerInspection, name: string) =>
      Effect.gen(function* () {
        if (container.name !== name) yield* renameToFree(container.id, name, otherAsideNames(name, container))
        yield* setRestartPolicy(container.id, { name: "no", maximumRetryCount: 0 })
        // Between two starts Podman calls a container "exited", so that the plan has no stop for it.
        const mayBeUp = container.status === "exited" && container.restartPolicy.name !== "no"
        if (mayBeUp && (yield* isUp(container.id))) yield* stop(container, stopGrace)
      }),
    /**
     * Takes back `setAside`, as far as that was done, in the other order; gives the name that it has then. Where something
     * has its own by now that cannot be removed, that is the next of the boot's names. What ran before and does not run
     * again keeps its mark, by which the next run brings it back.
     */
    restore: (container: ContainerInspection) =>
      Effect.gen(function* () {
        if (isActive(container) && !(yield* sees(container.id, isActive))) return undefined
        yield* setRestartPolicy(container.id, container.restartPolicy)
        const isNamed = yield* sees(container.id, (found) => found.name === container.name)
        return isNamed
          ? container.name
          : yield* renameToFree(container.id, container.name, bootNames(container.name).slice(1))
      })
  }
})
