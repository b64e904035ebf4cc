import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { makeContainerChanges } from "./containerChanges.ts"
import { isActive, type Observation } from "./Observation.ts"
import { policyBeforeAside } from "./Ownership.ts"
import { tell } from "./Progress.ts"

/**
 * A run that died between setting the old container aside and starting its successor may have left the VM with neither.
 * The old one is brought back first, under this boot's name, so that the VM has it whatever becomes of this run. Gives
 * whether there was anything to do; what was observed is out of date then.
 */
export const recover = Effect.fn("recover")(function* ({ containers }: Pick<Observation, "containers">, name: string) {
  if (containers.some((container) => isActive(container) && Option.isNone(policyBeforeAside(container)))) return false
  const left = containers.flatMap((container) =>
    Option.match(policyBeforeAside(container), {
      onNone: () => [],
      onSome: (restartPolicy) => [{ ...container, name, restartPolicy }]
    })
  )[0]
  if (left === undefined) return false
  const changes = yield* makeContainerChanges
  // The successor that the dead run made: it never ran, or did not stay up.
  const successors = containers.filter((container) => container.name === name)
  yield* Effect.forEach(successors, ({ id }) => changes.remove(id), { discard: true }).pipe(
    Effect.andThen(changes.restore(left)),
    Effect.andThen(changes.startAgain(left)),
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
  return true
})
