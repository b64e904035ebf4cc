import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { generate } from "./mutate.ts"
import type { Outcome, Target } from "./targets.ts"

/** The second in which any input is answered, in microseconds of this thread's time, so that other load does not count. */
const patience = 1_000_000

export interface Trial {
  readonly accepted: boolean
  /** What must not have happened, with what it takes to see it again. */
  readonly violation: string | undefined
}

/** Gives a target the input of this seed and iteration, and looks at what came of it. */
export const attempt = Effect.fnUntraced(function* (target: Target, seed: number, iteration: number) {
  const { samples, slips } = target
  const input = generate({ samples, seed, iteration, slips })
  const start = process.threadCpuUsage()
  const exit = yield* Effect.exit(target.run(input))
  const { user, system } = process.threadCpuUsage(start)
  const wrong = user + system > patience ? `it took ${(user + system) / 1000} ms` : violationOf(target, exit)
  const trial: Trial = {
    accepted: Exit.isSuccess(exit) && exit.value.accepted,
    violation:
      wrong === undefined
        ? undefined
        : `${target.name}, seed ${seed}, iteration ${iteration}: ${wrong}\ninput: ${excerpt(JSON.stringify(input.text))}`
  }
  return trial
})

/** `Cc` but for the line feed, and what turns the direction of a line. */
const control = /[^\P{Cc}\n]|[\u2028-\u202E\u2066-\u2069]/u

const stack = /\n\s+at .*:\d+:\d+|\bnode_modules\b|file:\/\/\//

const violationOf = ({ limit, secret }: Target, exit: Exit.Exit<Outcome>): string | undefined => {
  if (Exit.isFailure(exit)) return `it died: ${Cause.pretty(exit.cause)}`
  for (const shown of exit.value.shown) {
    if (shown.length > limit) return `${shown.length} characters are shown: ${excerpt(shown)}`
    if (control.test(shown)) return `a control character is shown: ${JSON.stringify(shown)}`
    if (stack.test(shown)) return `a stack trace is shown: ${shown}`
    if (secret !== undefined && shown.includes(secret)) return `a secret is shown: ${shown}`
  }
  return undefined
}

const excerpt = (text: string): string =>
  text.length > 2000 ? `${text.slice(0, 1000)} … ${text.slice(-1000)} (${text.length} characters)` : text
