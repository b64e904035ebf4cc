import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { isEndAsDeclared } from "../vm/ContainerSpec.ts"
import { DockerClient } from "../vm/DockerClient.ts"
import type { ContainerInspection } from "../vm/Inspection.ts"
import { bootNames, nameFor } from "./bootNames.ts"
import { makeContainerChanges } from "./containerChanges.ts"
import { withDeadline } from "./Deadlines.ts"
import { isActive, type Observation } from "./Observation.ts"
import { inspectOurs } from "./observeContainers.ts"
import { oneAtATimeNow } from "./oneAtATime.ts"
import { isAside, policyBeforeAside } from "./Ownership.ts"
import { tell } from "./Progress.ts"

/**
 * A run that died between setting the old container aside and starting its successor may have left the VM with neither.
 * The old one is brought back first, under this boot's name, so that the VM has it whatever becomes of this run. Gives
 * whether there was anything to do; what was observed is out of date then.
 */
export const recover = Effect.fn("recover")(function* (
  observed: Pick<Observation, "containers" | "lost" | "unusableNames">,
  first: string
) {
  const left = leftAside(observed)
  if (left === undefined) return false
  const changes = yield* makeContainerChanges
  const old = { ...left, name: nameFor(first, observed) }
  // The successor that the dead run made: it never ran, or did not stay up.
  const successors = observed.containers.filter(({ name }) => bootNames(first).includes(name))
  yield* Effect.forEach(successors, ({ name }) => changes.clear(name), { discard: true }).pipe(
    // That it runs again matters more than its name.
    Effect.andThen(Effect.orElseSucceed(changes.restore(old), () => left.name)),
    Effect.tap(changes.startAgain(old)),
    tellOf
  )
  return true
})

/** Whether an error ended a run before it came to look at the VM. */
export const isBeforeTheVm = (error: { readonly _tag: string; readonly setting?: string }): boolean =>
  error._tag === "DeclarationInvalid" ||
  error._tag === "DeclarationKeyMisspelt" ||
  error._tag === "MetadataError" ||
  error._tag === "AttachedDisksUnknown" ||
  (error._tag === "OperationTimeout" && (error.setting === "METADATA" || error.setting === "TOKEN"))

/**
 * The same for a run that failed before it knew what is declared: the container runs again under the name that it waits
 * under, by which the next run knows it. What failed is reported already, so nothing that goes wrong here ends it otherwise.
 */
export const recoverAfterFailure = Effect.gen(function* () {
  const docker = yield* DockerClient
  yield* oneAtATimeNow
  const all = yield* docker.listContainers.pipe(withDeadline("LIST", "list containers"))
  const left = leftAside(yield* inspectOurs(all, ""))
  if (left === undefined) return
  const changes = yield* makeContainerChanges
  yield* changes.restorePolicy(left).pipe(Effect.andThen(changes.startAgain(left)), Effect.as(left.name), tellOf)
}).pipe(Effect.scoped, Effect.ignore, Effect.withSpan("recoverAfterFailure"))

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
