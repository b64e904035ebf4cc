import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Runtime from "effect/Runtime"
import { type EndingSignal, endingSignals, exitCodes } from "./output/exitCodes.ts"

/**
 * Called for a signal that ends the program; `count` says how many have come, this one included. One that gives true has
 * taken the signal for something else: it ends nothing, and does not count.
 */
export type SignalListener = (signal: EndingSignal, count: number) => boolean

/**
 * Runs an effect as the process. A signal interrupts it; once it has ended, the process exits with the effect's own code
 * or with that of the first signal. A second signal changes nothing, so as not to cut the rollback short.
 */
export const runMain = (
  effect: Effect.Effect<number>,
  options: { readonly listeners: ReadonlySet<SignalListener>; readonly end: (code: number) => void }
): void => {
  let first: EndingSignal = "SIGINT"
  let count = 0
  const run = Runtime.makeRunMain(({ fiber, teardown }) => {
    for (const signal of endingSignals) {
      process.on(signal, () => {
        const isTaken = [...options.listeners].map((listener) => listener(signal, count + 1)).includes(true)
        if (isTaken) return
        if (count++ === 0) first = signal
        fiber.interruptUnsafe(fiber.id)
      })
    }
    fiber.addObserver((exit) => teardown(exit, options.end))
  })
  run(effect, {
    disableErrorReporting: true,
    teardown: (exit, end) => end(Exit.isSuccess(exit) ? Number(exit.value) : exitCodes[first])
  })
}
