import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ContainerSpec } from "../vm/ContainerSpec.ts"
import { DockerClient } from "../vm/DockerClient.ts"
import type { ContainerInspection } from "../vm/Inspection.ts"
import { startFailed } from "./confirm.ts"
import { attempt, attemptChange, isRetryable, unlessDone } from "./Deadlines.ts"
import { hidingValuesOf } from "./hiddenValues.ts"
import { isActive } from "./Observation.ts"
import { workloadLabel } from "./Ownership.ts"

/**
 * An engine that lags may come to what a run asked for that has died, after it was looked and before it is asked again.
 * It refuses then what is as it should be.
 */
const isRefusal = (error: unknown): boolean => !isRetryable(error)

/**
 * The changes to containers that steps are made of. An answer that was lost is not blindly asked for again: each change
 * says how it is seen that it was made.
 */
export const makeContainerChanges = Effect.gen(function* () {
  const docker = yield* DockerClient

  /** Whether what is found of a container says so; `absent` is the answer where there is none. */
  const sees = (idOrName: string, says: (found: ContainerInspection) => boolean, absent = false) =>
    docker
      .inspectContainer(idOrName)
      .pipe(
        attempt("INSPECT", `inspect container ${idOrName}`),
        Effect.map(Option.match({ onNone: () => absent, onSome: says }))
      )

  const rename = (id: string, name: string) => {
    const isNamed = sees(id, (found) => found.name === name)
    return docker
      .renameContainer(id, name)
      .pipe(unlessDone(isNamed, isRefusal), attemptChange("INSPECT", `rename container ${id} to ${name}`, isNamed))
  }

  const setRestartPolicy = (id: string, policy: ContainerInspection["restartPolicy"]) =>
    docker.updateRestartPolicy(id, policy).pipe(
      attemptChange(
        "INSPECT",
        `change the restart policy of ${id}`,
        sees(id, (found) => found.restartPolicy.name === policy.name)
      )
    )

  return {
    create: (spec: ContainerSpec) => {
      const isThere = sees(spec.name, (found) => found.labels[workloadLabel] === spec.labels[workloadLabel])
      return docker
        .createContainer(spec)
        .pipe(unlessDone(isThere, isRefusal), attemptChange("CREATE", `create container ${spec.name}`, isThere))
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
    /** One that has run before. */
    startAgain: ({ id, name, config }: ContainerInspection) =>
      docker
        .startContainer(id)
        .pipe(hidingValuesOf(config), attemptChange("START", `start container ${name}`, sees(id, isActive))),
    stop: ({ id, name }: ContainerInspection, grace: Duration.Duration) =>
      docker.stopContainer(id, grace).pipe(
        attemptChange(
          "STOP",
          `stop container ${name}`,
          sees(id, (found) => !isActive(found), true),
          grace
        )
      ),
    remove: (idOrName: string) =>
      docker.removeContainer(idOrName).pipe(
        attemptChange(
          "REMOVE",
          `remove container ${idOrName}`,
          sees(idOrName, () => false, true)
        )
      ),
    /** The name first: it keeps the policy that is then taken away. */
    setAside: (container: ContainerInspection, name: string) =>
      Effect.andThen(
        container.name === name ? Effect.void : rename(container.id, name),
        setRestartPolicy(container.id, { name: "no", maximumRetryCount: 0 })
      ),
    /** Gives it the restart policy that it is said to have. */
    restorePolicy: ({ id, restartPolicy }: ContainerInspection) => setRestartPolicy(id, restartPolicy),
    /** Takes back `setAside`, as far as that was done, in the other order. */
    restore: (container: ContainerInspection) =>
      Effect.gen(function* () {
        yield* setRestartPolicy(container.id, container.restartPolicy)
        const isNamed = yield* sees(container.id, (found) => found.name === container.name)
        if (!isNamed) yield* rename(container.id, container.name)
      })
  }
})
