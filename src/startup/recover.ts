import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { isEndAsDeclared } from "../vm/engine/ContainerSpec.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { bootNames, nameFor } from "../observation/bootNames.ts"
import { makeBringBack } from "../apply/bringBack.ts"
import { makeContainerChanges } from "../apply/containerChanges.ts"
import { attempt } from "../timing/Deadlines.ts"
import { isActive, type Observation } from "../observation/Observation.ts"
import { inspectOurs } from "../observation/observeContainers.ts"
import { oneAtATimeNow } from "./oneAtATime.ts"
import { isAside, policyBeforeAside } from "../observation/Ownership.ts"
import { stopGrace } from "../plan/planReplacement.ts"
import { tell } from "../progress/Progress.ts"
import { makeUnmountRecord } from "../apply/UnmountRecord.ts"

/**
 * A run that died between setting the old container aside and starting its successor may have left the VM with neither, or
 * with one that is about to stop. The old one is brought back before anything else is looked at, under this boot's name, so
 * that the VM has it soon, and whatever becomes of this run.
 */
export const recover = Effect.fn("recover")(function* (containerName: string, first: string, mountRoot: string) {
  const observed = yield* oursWhereOneIsAside(containerName)
  const left = leftAside(observed)
  if (left === undefined) return
  const changes = yield* makeContainerChanges
  const old = { ...left, name: nameFor(first, { ...observed, unusableNames: [] }) }
  // The successor that the dead run made: it never ran, or did not stay up.
  const successors = observed.containers.filter(({ name }) => bootNames(first).includes(name))
  yield* Effect.forEach(successors, ({ name }) => changes.clear(name), { discard: true }).pipe(
    Effect.andThen(bringBack(left, mountRoot)),
    // Only what runs again loses its mark; that it runs matters more than its name.
    Effect.andThen(Effect.orElseSucceed(changes.restore(old), () => undefined)),
    Effect.map((name) => name ?? left.name),
    tellOf,
    Effect.uninterruptible
  )
})

/** Whether an error ended a run before it came to look at the VM. */
export const isBeforeTheVm = (error: { readonly _tag: string; readonly setting?: string }): boolean =>
  error._tag === "DeclarationInvalid" ||
  error._tag === "DeclarationUnreadable" ||
  error._tag === "DeclarationKeyMisspelt" ||
  error._tag === "MetadataError" ||
  error._tag === "AttachedDisksUnknown" ||
  (error._tag === "OperationTimeout" && (error.setting === "METADATA" || error.setting === "TOKEN"))

/**
 * The same for a run that does not know what is declared, or that nothing is: the container runs again under the name that
 * it waits under, by which the next run knows it. How the run ends is settled already: nothing that goes wrong here ends it
 * otherwise. Under the lock, unless nothing is left.
 */
export const recoverUndeclared = Effect.fn("recoverUndeclared")(
  function* (mountRoot: string) {
    const find = Effect.map(oursWhereOneIsAside(""), leftAside)
    if ((yield* find) === undefined) return
    yield* oneAtATimeNow
    const left = yield* find
    if (left !== undefined) yield* bringBack(left, mountRoot).pipe(Effect.as(left.name), tellOf, Effect.uninterruptible)
  },
  Effect.scoped,
  (recovered) => Effect.ignore(recovered)
)

/** Ours, where any of them is set aside; otherwise none, by a single call. */
const oursWhereOneIsAside = Effect.fnUntraced(function* (containerName: string) {
  const docker = yield* DockerClient
  const all = yield* docker.listContainers.pipe(attempt("LIST", "list containers"))
  const isAnyAside = all.some(({ names }) => names.some((name) => isAside({ name })))
  return isAnyAside ? yield* inspectOurs(all, containerName) : { containers: [], lost: [] }
})

/** On what it was bound to: the dead run may have unmounted it. */
const bringBack = Effect.fnUntraced(function* (left: ContainerInspection, mountRoot: string) {
  const unmounted = yield* makeUnmountRecord
  const start = yield* makeBringBack(mountRoot)
  // What cannot be mounted is missed then, or was not needed.
  yield* Effect.catch(unmounted.mountAgain, (error) => tell({ _tag: "Warning", text: error.message }))
  yield* start(left, stopGrace)
  yield* unmounted.clear
})

/** The container that ran until a run set it aside, with the policy that it had, where nothing has taken its place. */
const leftAside = ({ containers, lost }: Pick<Observation, "containers" | "lost">): ContainerInspection | undefined =>
  lost.some(isActive) || containers.some(hasTakenItsPlace)
    ? undefined
    : containers.flatMap((container) =>
        Option.match(policyBeforeAside(container), {
          onNone: () => [],
          onSome: (restartPolicy) => [{ ...container, restartPolicy }]
        })
      )[0]

/**
 * A successor that has come up, as far as can be seen, neither restarting nor unhealthy; or a job that is done, behind
 * which what it replaced could not be removed.
 */
const hasTakenItsPlace = (container: ContainerInspection): boolean => {
  const { status, health, exitCode, restartPolicy } = container
  if (status === "exited") return !isAside(container) && isEndAsDeclared(restartPolicy, exitCode)
  const isUp = isActive(container) && status !== "restarting" && !Option.contains(health, "unhealthy")
  return isUp && Option.isNone(policyBeforeAside(container))
}

/** Tells what became of it; `broughtBack` gives the name under which it runs. */
const tellOf = <E extends { readonly message: string }, R>(broughtBack: Effect.Effect<string, E, R>) =>
  broughtBack.pipe(
    Effect.flatMap((name) =>
      tell({ _tag: "Warning", text: `an earlier run died: the container that it had stopped runs again as ${name}` })
    ),
    // What it mounted may be gone. The plan that follows puts another in its place.
    Effect.catch((error) =>
      tell({
        _tag: "Warning",
        text: `an earlier run died, and the container that it had stopped cannot be started: ${error.message}`
      })
    )
  )
