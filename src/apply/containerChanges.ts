import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import { type ContainerSpec, mayEnd } from "../vm/engine/ContainerSpec.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { startFailed } from "./confirm.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import { attemptChange, attemptMaking, unlessMade } from "../timing/LostAnswer.ts"
import { bootNames } from "../observation/bootNames.ts"
import { awaitStop } from "./awaitStop.ts"
import type { KnownContainer } from "./Created.ts"
import { hidingValuesOf } from "./hiddenValues.ts"
import { runPreStop } from "./runHook.ts"
import { StopAsked } from "./StopAsked.ts"
import { isRefusal, makeContainerCalls } from "./containerCalls.ts"
import { Prober } from "../vm/probes/Prober.ts"
import { ContainerNameInUse, ContainerStuck, holderOf, isUp } from "./leftover.ts"
import { detailOf, hasAnswered } from "../vm/engine/DockerError.ts"
import { holderText, isActive, isLost, type OurContainer } from "../observation/Observation.ts"
import {
  asideName,
  hadEndedBeforeAside,
  hasComeToItsEnd,
  isAside,
  otherAsideNames,
  workloadLabel
} from "../observation/Ownership.ts"
import { graceOf } from "../plan/stopGrace.ts"
import { tell } from "../progress/Progress.ts"

/** Whether a container is what was to be created, by the hash of that. */
const isMadeFrom = (spec: ContainerSpec, { labels }: Pick<ContainerInspection, "labels">): boolean =>
  labels[workloadLabel] === spec.labels[workloadLabel]

/** How many times, once a second, to look for a container whose name the engine says is taken. */
const holderTries = 20

/** The changes to containers that steps are made of. */
export const makeContainerChanges = Effect.gen(function* () {
  const docker = yield* DockerClient
  const prober = yield* Prober
  const {
    sees,
    rename,
    renameToFree,
    remove,
    setRestartPolicy,
    startAgain,
    stop: stopIn,
    unpause
  } = yield* makeContainerCalls

  const ask = (container: OurContainer, grace: Duration.Duration) =>
    Effect.andThen(
      Effect.flatMap(StopAsked, (asked) => asked(container.id)),
      stopIn(container, grace)
    )

  const stop = (container: OurContainer, grace: Duration.Duration) =>
    isLost(container)
      ? ask(container, grace)
      : Effect.flatMap(Effect.provideService(runPreStop(container, grace), Prober, prober), (left) =>
          ask(container, left)
        )

  const stopFound = ({ id, name }: KnownContainer) =>
    docker.inspectContainer(id).pipe(
      attempt("INSPECT", `inspect container ${name}`),
      Effect.flatMap((found) =>
        Option.isSome(found) && isActive(found.value) ? stop(found.value, graceOf(found.value)) : Effect.void
      )
    )

  /**
   * The name by which one that is set aside is known to have come to its end by itself since it was observed; `none`
   * where it has not. Only one whose policy lets it end is asked for.
   */
  const endedAs = (container: ContainerInspection) =>
    !isActive(container) || isAside(container) || !mayEnd(container.restartPolicy, 0)
      ? Effect.succeedNone
      : docker
          .inspectContainer(container.id)
          .pipe(
            attempt("INSPECT", `inspect container ${container.name}`),
            Effect.map(Option.filter(hasComeToItsEnd)),
            Effect.map(Option.map((ended) => ({ name: asideName({ ...ended, name: container.name }), as: ended.name })))
          )

  /**
   * The name is taken, yet no such container is listed: the engine is still creating the one that we asked for before.
   */
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
    /** Gives its id. */
    create: (spec: ContainerSpec) => {
      const made = docker.inspectContainer(spec.name).pipe(
        attempt("INSPECT", `inspect container ${spec.name}`),
        Effect.map(Option.filter((found) => isMadeFrom(spec, found))),
        Effect.map(Option.map(({ id }) => id)),
        // The error of the creation says more than that of the look.
        Effect.orElseSucceed(() => Option.none<string>())
      )
      return docker.createContainer(spec).pipe(
        Effect.catchReason("DockerError", "Conflict", (_, error) =>
          Effect.andThen(awaitHolder(spec.name), Effect.fail(error))
        ),
        unlessMade(made, isRefusal),
        attemptMaking("CREATE", `create container ${spec.name}`, made),
        // The only objection that the engine can have is that it exists already.
        Effect.catchReason("DockerError", "Conflict", ({ detail }) =>
          Effect.flatMap(holderOf(spec.name), (holder) =>
            Effect.fail(new ContainerNameInUse({ name: spec.name, holder, detail }))
          )
        )
      )
    },
    /** A new one: it has started even if it has ended by now. */
    start: (container: KnownContainer) =>
      docker.startContainer(container.id).pipe(
        Effect.catchTag("DockerError", (error) => startFailed(container, error)),
        attemptChange(
          "START",
          `start container ${container.name}`,
          sees(container.id, (found) => found.status !== "created")
        )
      ),
    /** What was created from a spec, of which that is not known, as the answer is missing; none where it was not. */
    findMade: (spec: ContainerSpec) =>
      docker.listContainers.pipe(
        attempt("LIST", "list containers"),
        Effect.map((all) =>
          Option.fromUndefinedOr(all.find((one) => one.names.includes(spec.name) && isMadeFrom(spec, one)))
        ),
        Effect.map(Option.map(({ id }) => id))
      ),
    /** As far as can be seen. */
    isGone: ({ id }: OurContainer) => sees(id, () => false, true),
    /** A lost container that has run before. */
    startAgain,
    /**
     * A container that ran until it was stopped for a successor, whether or not it is still stopping: it is started,
     * with the restart policy given.
     */
    bringBack: (container: ContainerInspection, grace: Duration.Duration) => {
      const { id, name, restartPolicy, config } = container
      return sees(id, (found) => isActive(found) && found.restartPolicy.name === "no").pipe(
        Effect.flatMap((mayBeStopping) => (mayBeStopping ? awaitStop(container, grace) : Effect.void)),
        Effect.andThen(setRestartPolicy(container, restartPolicy)),
        Effect.andThen(
          docker
            .startContainer(id)
            .pipe(hidingValuesOf(config), attemptChange("START", `start container ${name}`, sees(id, isActive)))
        )
      )
    },
    /** A container that has to end before another can begin. */
    stop: (container: OurContainer, grace: Duration.Duration) =>
      Effect.mapError(stop(container, grace), (error) =>
        error._tag === "DockerError" && hasAnswered(error)
          ? new ContainerStuck({ container: container.name, detail: error.reason.detail })
          : error
      ),
    hadEndedAside: ({ id, restartPolicy }: ContainerInspection) =>
      mayEnd(restartPolicy, 0) ? sees(id, hadEndedBeforeAside) : Effect.succeed(false),
    /** Whether one that was set aside has come to its end by itself before it was stopped. Its name says so from then on. */
    hasEndedAside: (container: ContainerInspection) =>
      Effect.gen(function* () {
        const ended = yield* endedAs(container)
        if (Option.isNone(ended)) return false
        const { name, as } = ended.value
        if (name !== as) yield* renameToFree(container.id, name, otherAsideNames(name, container))
        return true
      }),
    remove,
    /** A container that is not needed any more. What the engine has failed at before is tried once in this run. */
    discard: (container: OurContainer, name: string, grace: Option.Option<Duration.Duration>) =>
      Effect.gen(function* () {
        // The removal kills it as well, and says why it could not.
        if (Option.isSome(grace)) yield* Effect.ignore(stop(container, grace.value))
        yield* isLost(container)
          ? docker.removeContainer(container.id).pipe(withDeadline("REMOVE", `remove container ${name}`))
          : remove({ id: container.id, name })
      }),
    /**
     * Rolls `create` back. One that runs and has a preStop hook is stopped first, with its grace, as Kubernetes ends
     * each container; others are killed, so that what ran before is back sooner. A container that cannot be removed is
     * in nobody's way unless it runs.
     */
    clear: (container: KnownContainer, hasPreStop: boolean) =>
      Effect.andThen(hasPreStop ? Effect.ignore(stopFound(container)) : Effect.void, remove(container)).pipe(
        Effect.catch((error) =>
          Effect.flatMap(isUp(container.id), (up) => {
            const { name } = container
            return up
              ? Effect.fail(new ContainerStuck({ container: name, detail: detailOf(error) }))
              : tell({ _tag: "Warning", text: `${name} could not be removed, and is left: ${detailOf(error)}` })
          })
        )
      ),
    adjust: (container: ContainerInspection, name: string, policy: ContainerInspection["restartPolicy"]) =>
      Effect.gen(function* () {
        if (container.status === "paused") yield* unpause(container)
        if (container.name !== name) yield* rename(container.id, name)
        if (container.restartPolicy.name !== policy.name) yield* setRestartPolicy(container, policy)
      }),
    /** The engine is not to start it by itself any more. */
    disarm: (container: ContainerInspection) => setRestartPolicy(container, { name: "no", maximumRetryCount: 0 }),
    /** The name first: it keeps the policy that is cleared next, or, of one that runs, just before it is stopped. */
    setAside: (container: ContainerInspection, name: string) =>
      Effect.gen(function* () {
        const ended = yield* endedAs(container)
        const aside = Option.match(ended, { onNone: () => name, onSome: (one) => one.name })
        if (container.name !== aside) yield* renameToFree(container.id, aside, otherAsideNames(aside, container))
        if (isActive(container) && Option.isNone(ended)) return
        yield* setRestartPolicy(container, { name: "no", maximumRetryCount: 0 })
        // Between two starts Podman calls a container "exited", so that the plan has no stop for it.
        const mayBeUp = container.status === "exited" && container.restartPolicy.name !== "no"
        if (mayBeUp && (yield* isUp(container.id))) yield* stop(container, graceOf(container))
      }),
    /**
     * Rolls `setAside` back, as far as it was done, in reverse order; gives the resulting name. Where something else has
     * its name by now, that is the next of this boot's names. A container that ran and cannot be started again keeps its
     * mark, by which the next run brings it back.
     */
    restore: (container: ContainerInspection) =>
      Effect.gen(function* () {
        const isBack = (found: ContainerInspection) => isActive(found) || hadEndedBeforeAside(found)
        if (isActive(container) && !(yield* sees(container.id, isBack))) return undefined
        yield* setRestartPolicy(container, container.restartPolicy)
        const { id, name } = container
        if (yield* sees(id, (found) => found.name === name)) return name
        const now = yield* renameToFree(id, name, bootNames(name).slice(1))
        if (now === name) return name
        const holder = yield* holderOf(name)
        const why = holder === undefined ? "the engine does not give that name" : `${holderText(holder)}, has that name`
        yield* tell({ _tag: "Warning", text: `what was ${name} comes back as ${now}: ${why}` })
        return now
      })
  }
})
