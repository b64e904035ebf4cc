import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { watchMetadata } from "../../src/agent/watchMetadata.ts"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import { MetadataProvider, type WatchedDeclaration } from "../../src/vm/metadata/MetadataProvider.ts"

const notAsked = Effect.die("only what is watched is asked for")

const asking = (answer: () => Effect.Effect<WatchedDeclaration>) =>
  MetadataProvider.of({
    declaration: notAsked,
    declarationAfter: answer,
    keys: notAsked,
    disks: notAsked,
    token: notAsked,
    instanceName: notAsked,
    address: notAsked,
    isPreemptible: notAsked,
    preemptionAfter: () => notAsked,
    project: notAsked,
    setGuestAttribute: () => notAsked
  })

/** Watches a server with this answer to each question for an hour; gives how many questions and changes there were. */
const watched = (answer: (question: number) => WatchedDeclaration) => {
  let questions = 0
  let changes = 0
  const metadata = asking(() => Effect.sync(() => answer(questions++)))
  return Effect.gen(function* () {
    const begun = yield* Deferred.make<void>()
    yield* Effect.forkChild(
      watchMetadata(
        Effect.sync(() => void changes++),
        begun
      )
    )
    yield* Deferred.await(begun)
    yield* Effect.sleep("1 hour")
    return { questions, changes }
  }).pipe(Effect.provideService(MetadataProvider, metadata), runInVirtualTime)
}

const declared = (text: string): WatchedDeclaration => ({
  declaration: Option.some({ file: "metadata:slipway-declaration", text }),
  tag: Option.none()
})

describe("watchMetadata", () => {
  it.effect("asks a server that does not wait no more than once a second", () =>
    Effect.gen(function* () {
      const { questions, changes } = yield* watched(() => declared("same"))
      assert.isAtMost(questions, 3601)
      assert.strictEqual(changes, 0)
    })
  )

  it.effect("waits for a server that says nothing no longer than any question may take, as nothing is known yet", () =>
    Effect.gen(function* () {
      const began = yield* Clock.currentTimeMillis
      const begun = yield* Deferred.make<void>()
      const silent = asking(() => Effect.never)
      yield* Effect.forkChild(Effect.provideService(watchMetadata(Effect.void, begun), MetadataProvider, silent))
      yield* Deferred.await(begun)
      assert.strictEqual((yield* Clock.currentTimeMillis) - began, 5_000)
    }).pipe(runInVirtualTime)
  )

  it.effect("tells what is another declaration, whatever the tags say", () =>
    Effect.gen(function* () {
      const { changes } = yield* watched((question) => declared(question < 10 ? "one" : question < 20 ? "two" : "one"))
      assert.strictEqual(changes, 2)
    })
  )

  it.effect("takes a declaration that goes, and one that comes, for changes", () =>
    Effect.gen(function* () {
      const none: WatchedDeclaration = { declaration: Option.none(), tag: Option.some("1") }
      const { changes } = yield* watched((question) => (question === 5 ? none : declared("one")))
      assert.strictEqual(changes, 2)
    })
  )
})
