import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { DockerClient } from "../vm/DockerClient.ts"
import type { ContainerInspection } from "../vm/Inspection.ts"
import { makeContainerChanges } from "./containerChanges.ts"
import { withDeadline } from "./Deadlines.ts"
import { isActive, type Observation } from "./Observation.ts"
import { inspectOurs } from "./observe.ts"
import { oneAtATimeNow } from "./oneAtATime.ts"
import { policyBeforeAside } from "./Ownership.ts"
import { tell } from "./Progress.ts"

/**
 * A run that died between setting the old container aside and starting its successor may have left the VM with neither.
 * The old one is brought back first, under this boot's name, so that the VM has it whatever becomes of this run. Gives
 * whether there was anything to do; what was observed is out of date then.
 */
export const recover = Effect.fn("recover")(function* ({ containers }: Pick<Observation, "containers">, name: string) {
  const left = leftAside(containers)
  if (left === undefined) return false
  const changes = yield* makeContainerChanges
  const old = { ...left, name }
  // The successor that the dead run made: it never ran, or did not stay up.
  const successors = containers.filter((container) => container.name === name)
  yield* Effect.forEach(successors, ({ id }) => changes.remove(id), { discard: true }).pipe(
    Effect.andThen(changes.restore(old)),
    Effect.andThen(changes.startAgain(old)),
    toldOf(name)
  )
  return true
})

/** Whether an error ended a run before it came to look at the VM. */
export const isBeforeTheVm = (error: { readonly _tag: string; readonly setting?: string }): boolean =>
  error._tag === "DeclarationInvalid" ||
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
  yield* changes.restorePolicy(left).pipe(Effect.andThen(changes.startAgain(left)), toldOf(left.name))
}).pipe(Effect.scoped, Effect.ignore, Effect.withSpan("recoverAfterFailure"))

/** A successor that has come up, as far as can be seen: neither restarting nor unhealthy. */
const isUp = (container: ContainerInspection): boolean =>
  isActive(container) && container.status !== "restarting" && !Option.contains(container.health, "unhealthy")

/** The container that ran until a run set it aside, with the policy that it had, where nothing has taken its place. */
const leftAside = (containers: ReadonlyArray<ContainerInspection>): ContainerInspection | undefined =>
  containers.some((container) => isUp(container) && Option.isNone(policyBeforeAside(container)))
    ? undefined
    : containers.flatMap((container) =>
        Option.match(policyBeforeAside(container), {
          onNone: () => [],
          onSome: (restartPolicy) => [{ ...container, restartPolicy }]
        })
      )[0]

const toldOf =
  (name: string) =>
  <E extends { readonly message: string }, R>(broughtBack: Effect.Effect<unknown, E, R>) =>
    broughtBack.pipe(
      Effect.andThen(
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
