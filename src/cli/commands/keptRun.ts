import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { readHistory } from "../../record/History.ts"
import { runOf } from "../../record/runOf.ts"

/** Which of the kept runs is meant. */
export const runFlag = Flag.Int("run").pipe(
  Flag.withMetavar("N"),
  Flag.withDescription("The number of one of the last ten runs, which are kept (default: the last)"),
  Flag.optional
)

/** The run that is meant, and the last of all; the run is that one, or one for whose failure that was held back. */
export const keptRun = Effect.fnUntraced(function* (number: Option.Option<number>) {
  const history = yield* readHistory
  const run = yield* Effect.fromResult(runOf(history, Option.getOrUndefined(number)))
  return { run, last: history.at(-1) ?? run }
})
