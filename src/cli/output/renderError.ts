import { isMessageOfLog } from "../../apply/terminationMessage.ts"
import { describeAftermath } from "../../progress/Aftermath.ts"
import { printable } from "../../text/printable.ts"
import type { Failure } from "./Failure.ts"
import { RunFailed } from "./RunFailed.ts"

/** One short paragraph for the operator: what failed, on what, why, and what to do. Never a stack trace, never a secret. */
export const renderError = (error: Failure): string =>
  printable(
    error instanceof RunFailed
      ? [renderError(error.error), ...describeAftermath(error.aftermath)].join("\n")
      : [
          ...given(error.heading),
          error.message,
          ...messageOf(error),
          ...hookOf(error),
          ...logOf(error),
          ...given(error.advice)
        ].join("\n")
  )

const given = (line: string | undefined): ReadonlyArray<string> => (line === undefined ? [] : [line])

const messageOf = ({ terminationMessage }: Failure): ReadonlyArray<string> =>
  terminationMessage === undefined
    ? []
    : ["Its termination message:", ...terminationMessage.split("\n").map((line) => `  ${line}`)]

const hookOf = ({ hookLines }: Failure): ReadonlyArray<string> =>
  hookLines === undefined ? [] : ["The last lines of its postStart hook:", ...hookLines.map((line) => `  ${line}`)]

const logOf = (failure: Failure): ReadonlyArray<string> => {
  const { lastLogLines } = failure
  if (lastLogLines === undefined || isMessageOfLog(failure)) return []
  return lastLogLines.length === 0
    ? ["It wrote nothing to its log."]
    : ["The last lines of its log:", ...lastLogLines.map((line) => `  ${line}`)]
}
