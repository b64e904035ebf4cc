import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { readStatusOf } from "../record/readStatus.ts"
import type { Status } from "../record/Status.ts"
import { tell } from "../progress/Progress.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { HostRandom } from "../vm/host/HostRandom.ts"
import { sha256 } from "../vm/host/sha256.ts"
import { StateFolder } from "../vm/host/StateFolder.ts"
import type { DeclarationText } from "../workload/DeclarationText.ts"

/**
 * `down` is in force from when it begins until somebody asks for what is declared, or the VM boots: nothing else starts what
 * it has stopped, or makes what it has removed. The entry says of which boot it is.
 */
const entryName = "down"

/** That it cannot be recorded is no reason not to stop. */
export const beginDown = Effect.gen(function* () {
  const state = yield* StateFolder
  const { seed } = yield* HostRandom
  yield* state.write(entryName, seed).pipe(
    withDeadline("FILE", "remember that everything is to be down"),
    Effect.catch((error) =>
      tell({
        _tag: "Warning",
        text: `that everything is to be down is not remembered, and an agent may start it: ${error.message}`
      })
    )
  )
})

/** Somebody has asked for what is declared. */
export const endDown = Effect.gen(function* () {
  const state = yield* StateFolder
  yield* state.remove(entryName).pipe(
    withDeadline("FILE", "forget that everything was to be down"),
    Effect.catch((error) =>
      tell({
        _tag: "Warning",
        text: `an agent may still take everything to be down, and not look after it: ${error.message}`
      })
    )
  )
})

/** Not if that cannot be read, which is a warning. */
export const isDownInForce = Effect.gen(function* () {
  const state = yield* StateFolder
  const { seed } = yield* HostRandom
  return yield* state.read(entryName).pipe(
    withDeadline("FILE", "see whether everything is to be down"),
    Effect.map(Option.contains(seed)),
    Effect.catch((error) =>
      Effect.as(
        tell({ _tag: "Warning", text: `whether everything is to be down cannot be read: ${error.message}` }),
        false
      )
    )
  )
})

/**
 * Whether another declaration is there than the last that a run of this boot has read, as where no agent was alive to see it
 * change: that asks for what is declared.
 */
export const isDeclaredAnew = Effect.fnUntraced(function* ({ text }: DeclarationText) {
  const { seed } = yield* HostRandom
  const last = yield* Effect.orElseSucceed(readStatusOf(seed), Option.none<Status>)
  return Option.exists(last, ({ declared }) => declared !== null && declared.sha256 !== sha256(text))
})
