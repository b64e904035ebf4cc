import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { tell } from "../progress/Progress.ts"
import { isSameText } from "../startup/readDeclaration.ts"
import { Deadlines } from "../timing/Deadlines.ts"
import { stopwatch } from "../timing/stopwatch.ts"
import { MetadataProvider } from "../vm/metadata/MetadataProvider.ts"
import type { DeclarationText } from "../workload/DeclarationText.ts"
import { leastPause, longestPoll, pauseAfter } from "./connecting.ts"

/**
 * Runs `changed` whenever metadata has another declaration than before, after `told` with what each answer says, or one
 * that is news to `told`, as a look may have read another since; never ends. Each question is a long poll, which the
 * server answers once a key has changed. While the server is away the pauses between questions grow from 1 s to 1 min; a
 * declaration that is found after that counts as a change, unless it is the same. The first answer or failure completes
 * `begun`.
 */
export const watchMetadata = Effect.fnUntraced(function* <R>(
  changed: Effect.Effect<void, never, R>,
  begun: Deferred.Deferred<void>,
  told: (declaration: Option.Option<DeclarationText>) => boolean = () => false
) {
  const metadata = yield* MetadataProvider
  const { METADATA: shortestWait } = yield* Deadlines
  let tag = Option.none<string>()
  let known: { readonly declaration: Option.Option<DeclarationText> } | undefined
  let hasFailed = false
  let failures = 0
  for (;;) {
    const took = yield* stopwatch
    // Whoever has no tag is answered at once.
    const limit = Option.isNone(tag) ? shortestWait : longestPoll
    const answer = yield* metadata
      .declarationAfter(tag)
      .pipe(Effect.timeoutOption(limit), Effect.map(Option.getOrUndefined), Effect.result)
    const answered = Result.isSuccess(answer) ? answer.success : undefined
    if (answered === undefined) {
      failures += 1
      hasFailed = true
      if (failures === 1) {
        const why = Result.isFailure(answer) ? answer.failure.message : `no answer within ${Duration.format(limit)}`
        yield* tell({ _tag: "Warning", text: `metadata cannot be watched for now: ${why}` })
      }
      yield* Deferred.succeed(begun, undefined)
      yield* pauseAfter(failures)
      continue
    }
    if (failures > 0) yield* tell({ _tag: "Notice", text: "metadata can be watched again" })
    failures = 0
    const isNews = told(answered.declaration)
    const isOther =
      known === undefined ? hasFailed : isNews || !isSameDeclaration(known.declaration, answered.declaration)
    known = answered
    tag = answered.tag
    yield* Deferred.succeed(begun, undefined)
    if (isOther) yield* changed
    const left = Duration.subtract(leastPause, yield* took)
    if (Duration.isPositive(left)) yield* Effect.sleep(left)
  }
})

const isSameDeclaration = (one: Option.Option<DeclarationText>, other: Option.Option<DeclarationText>): boolean =>
  Option.isSome(one) && Option.isSome(other)
    ? isSameText(one.value, other.value)
    : Option.isNone(one) && Option.isNone(other)
