import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { agent } from "../../src/agent/agent.ts"
import type { AgentOptions } from "../../src/agent/AgentOptions.ts"
import type { Looked } from "../../src/agent/Looked.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"

/** An agent that lives on while a test goes on, and what it has looked at. */
export const living = Effect.fnUntraced(function* (declaration: string | undefined, options: AgentOptions = {}) {
  const vm = yield* SimulatedVm
  vm.setDeclaration(declaration)
  const looks: Array<Looked> = []
  const onLooked = (looked: Looked) => Effect.sync(() => void looks.push(looked))
  const fiber = yield* Effect.forkChild(agent(defaultSettings, { onLooked, ...options }))
  return { looks, fiber, vm }
})

/** The images from which containers run. */
export const imagesUp = Effect.map(SimulatedVm, ({ engine }) =>
  engine.containers.filter(({ isUp }) => isUp).map(({ spec }) => spec.image)
)

/** Why it looked, and what that came to. */
export const resultsOf = (looks: ReadonlyArray<Looked>): ReadonlyArray<string> =>
  looks.map(({ occasion, result }) =>
    [occasion._tag, Result.isSuccess(result) ? result.success._tag : result.failure._tag].join(" ")
  )
