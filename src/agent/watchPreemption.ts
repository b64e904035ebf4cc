import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { stopwatch } from "../timing/stopwatch.ts"
import { MetadataProvider } from "../vm/metadata/MetadataProvider.ts"
import { leastPause, longestPoll, pauseAfter } from "./connecting.ts"

/**
 * Ends once the cloud takes the VM back, which it announces half a minute before. It is asked by a long poll, and only
 * on a VM that it may take back. While the server is away the pauses grow from 1 s to 1 min; `isOptional` says that
 * there may be none at all, which is then not asked again.
 */
export const watchPreemption = Effect.fnUntraced(function* (isOptional: boolean) {
  const metadata = yield* MetadataProvider
  let isPreemptible: boolean | undefined
  let tag = Option.none<string>()
  let failures = 0
  for (;;) {
    const took = yield* stopwatch
    const question =
      isPreemptible === undefined
        ? Effect.map(metadata.isPreemptible, (answer) => ({ isPreemptible: answer, isPreempted: false, tag }))
        : Effect.map(metadata.preemptionAfter(tag), (answer) => ({ isPreemptible: true, ...answer }))
    const answered = yield* question.pipe(Effect.timeoutOption(longestPoll), Effect.result)
    const answer = Result.isSuccess(answered) ? Option.getOrUndefined(answered.success) : undefined
    if (answer === undefined) {
      if (isPreemptible === undefined && isOptional) return yield* Effect.never
      failures += 1
      yield* pauseAfter(failures)
      continue
    }
    if (!answer.isPreemptible) return yield* Effect.never
    if (answer.isPreempted) return
    const isFirst = isPreemptible === undefined
    failures = 0
    isPreemptible = true
    tag = answer.tag
    const left = Duration.subtract(leastPause, yield* took)
    if (!isFirst && Duration.isPositive(left)) yield* Effect.sleep(left)
  }
})
