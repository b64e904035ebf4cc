import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { declarationOf, kinds } from "../../scripts/bench/growth.ts"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import { processorTime, timesAsMuch } from "../Effort.ts"
import { generate } from "./mutate.ts"
import type { Outcome, Target } from "./Target.ts"

/**
 * No input may be more than so many times the work of the largest declaration that is of use. What takes less processor
 * time than this, in microseconds, is none such on any machine.
 */
const bound = 8
const unsuspected = 200_000

const largest = declarationOf("env", kinds.env)
const yardstick = Effect.sync(() => decodeDeclaration({ file: "largest.yaml", text: largest }))

export interface Trial {
  readonly accepted: boolean
  /** What must not have happened, with what it takes to see it again. */
  readonly violation: string | undefined
}

/** Gives a target the input of this seed and iteration, and looks at what came of it. */
export const attempt = Effect.fnUntraced(function* (target: Target, seed: number, iteration: number) {
  const { samples, slips } = target
  const input = generate({ samples, seed, iteration, slips })
  const { result: exit, micros } = yield* processorTime(Effect.exit(target.run(input)))
  const times = micros < unsuspected ? 0 : yield* timesAsMuch(Effect.exit(target.run(input)), yardstick, bound)
  const wrong = times > bound ? `it is ${times} times the work of the largest declaration` : violationOf(target, exit)
  const trial: Trial = {
    accepted: Exit.isSuccess(exit) && exit.value.accepted,
    violation:
      wrong === undefined
        ? undefined
        : `${target.name}, seed ${seed}, iteration ${iteration}: ${wrong}\ninput: ${excerpt(JSON.stringify(input.text))}`
  }
  return trial
})

/** Control characters but for the line feed, and the marks that reorder or break a line. */
const control = /[^\P{Cc}\n]|[\p{Bidi_Control}\u2028\u2029]/u

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
