import * as Runtime from "effect/Runtime"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { finalExitCodes } from "../text/finalExitCodes.ts"
import type { History } from "./History.ts"
import type { RunRecord } from "./RunRecord.ts"
import { unknownStatusCode } from "./readStatus.ts"

/** No run is kept, or none of this number. */
export class RunNotKept extends Schema.TaggedError<RunNotKept>()("RunNotKept", {
  number: Schema.optionalKey(Schema.Int),
  /** The numbers of those that are. */
  kept: Schema.Array(Schema.Int)
}) {
  get advice() {
    return this.kept.length === 0 ? "`slipway up` keeps its run." : undefined
  }
  override get [Runtime.errorExitCode]() {
    return this.kept.length === 0 ? unknownStatusCode : finalExitCodes.useless
  }
  override get message() {
    return this.kept.length === 0
      ? "no run of this machine is kept"
      : `run ${this.number} is not kept: those that are have the numbers ${this.kept.join(", ")}`
  }
}

/**
 * The run of a number, or the last; where that did nothing, as it is held back for a failure, or has left down what
 * `down` had stopped, the one that failed, or that stopped it.
 */
export const runOf = (history: History, number?: number): Result.Result<RunRecord, RunNotKept> => {
  const run = number === undefined ? lastOf(history) : history.find((run) => run.number === number)
  return run === undefined
    ? Result.fail(
        new RunNotKept({ ...(number === undefined ? {} : { number }), kept: history.map(({ number }) => number) })
      )
    : Result.succeed(run)
}

const lastOf = (history: History): RunRecord | undefined => {
  const last = history.at(-1)
  if (last?.result === "left down") {
    return history.findLast(({ boot, result }) => boot === last.boot && result === "down") ?? last
  }
  if (last?.result !== "held back") return last
  const failed = history.findLast(
    ({ boot, result, declared }) =>
      boot === last.boot && result === "failed" && declared?.sha256 === last.declared?.sha256
  )
  return failed ?? last
}
