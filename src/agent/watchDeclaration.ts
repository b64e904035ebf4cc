import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import type { Settings } from "../startup/Settings.ts"
import type { MetadataProvider } from "../vm/metadata/MetadataProvider.ts"
import { textOf } from "../workload/DeclarationText.ts"
import type { AgentOptions } from "./AgentOptions.ts"
import type { KnownDeclaration } from "./knownDeclaration.ts"
import type { Occasion } from "./Occasion.ts"
import { watchMetadata } from "./watchMetadata.ts"

/**
 * Several changes in a row are one: it is waited until nothing has changed for so long. `Stream.debounce` goes by the wall
 * clock, which NTP may set back by hours just then.
 */
const afterQuiet = () => Stream.fromEffect(Effect.sleep(Duration.seconds(1)))

/**
 * Puts into the queue that the declaration has changed, wherever it is, and that somebody has asked for a look. `begun` is
 * completed once no change can be missed; `known` is told what metadata tells.
 */
export const watchDeclaration = Effect.fnUntraced(function* (
  { declaration, rereadDeclaration }: Settings,
  { fileChanges = Stream.never, asked = Stream.never }: AgentOptions,
  occasions: Queue.Enqueue<Occasion>,
  begun: Deferred.Deferred<void>,
  known: Pick<KnownDeclaration, "told" | "occasionOfChange">
) {
  const offer = (occasion: Occasion) => Effect.asVoid(Queue.offer(occasions, occasion))
  const isInMetadata = Option.isNone(declaration)
  if (!isInMetadata) yield* Deferred.succeed(begun, undefined)
  const changes = isInMetadata
    ? Stream.callback<void, never, MetadataProvider>((changed) =>
        watchMetadata(Effect.asVoid(Queue.offer(changed, undefined)), begun, known.told)
      )
    : fileChanges
  let before = Option.map(declaration, textOf)
  const isOther = Effect.fnUntraced(function* () {
    if (rereadDeclaration === undefined) return isInMetadata
    const found = Option.map(yield* Effect.option(rereadDeclaration), textOf)
    const isSame = Option.isSome(before) ? Option.contains(found, before.value) : Option.isNone(found)
    before = found
    return !isSame
  })
  yield* Effect.all(
    [
      Stream.runForEach(Stream.filterEffect(Stream.switchMap(changes, afterQuiet), isOther), () =>
        Effect.suspend(() => {
          const occasion = isInMetadata ? known.occasionOfChange() : ({ _tag: "DeclarationChanged" } as const)
          return occasion === undefined ? Effect.void : offer(occasion)
        })
      ),
      Stream.runForEach(asked, () => offer({ _tag: "Asked" }))
    ],
    { concurrency: 2, discard: true }
  )
})
