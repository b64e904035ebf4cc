import type * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Runtime from "effect/Runtime"
import { type EndingSignal, endingSignals, exitCodes } from "./output/exitCodes.ts"

/** Called for a signal that ends the program; `count` includes it. */
export type SignalListener = (signal: EndingSignal, count: number) => void

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
        if (count++ === 0) first = signal
        for (const listener of options.listeners) listener(signal, count)
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
