import { assert } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { Lock } from "../../src/vm/Lock.ts"
import { HostFixture, type HostTest, readFile } from "./HostFixture.ts"

const silent = () => Effect.void

export const lockContract = (test: HostTest) => {
  test(
    "one at a time: the second is told who the first is, and gets it when the first is done",
    Effect.gen(function* () {
      const lock = yield* Lock
      const host = yield* HostFixture
      const told = yield* Deferred.make<string>()
      const held = yield* Deferred.make<void>()
      const first = yield* Effect.forkChild(
        Effect.scoped(
          Effect.gen(function* () {
            yield* lock.acquire({ holder: "the first", limit: Duration.zero, onWait: silent })
            yield* Deferred.succeed(held, undefined)
            assert.strictEqual(yield* Deferred.await(told), "the first")
          })
        )
      )
      yield* Deferred.await(held)
      const busy = yield* Effect.flip(
        Effect.scoped(lock.acquire({ holder: "impatient", limit: Duration.zero, onWait: silent }))
      )
      assert.strictEqual(busy._tag, "LockBusy")
      assert.include(busy.message, "the first")
      yield* lock.acquire({
        holder: "the second",
        limit: Duration.seconds(20),
        onWait: (holder) => Effect.asVoid(Deferred.succeed(told, holder))
      })
      yield* Fiber.join(first)
      assert.strictEqual(yield* readFile(host.lockPath), "the second\n")
    })
  )

  test(
    "gives up after the limit",
    Effect.gen(function* () {
      const lock = yield* Lock
      yield* lock.acquire({ holder: "the first", limit: Duration.zero, onWait: silent })
      const limit = Duration.millis(300)
      const busy = yield* Effect.flip(Effect.scoped(lock.acquire({ holder: "the second", limit, onWait: silent })))
      if (busy._tag !== "LockBusy") return assert.fail(busy.message)
      assert.strictEqual(busy.holder, "the first")
      assert.strictEqual(Duration.toMillis(busy.waited), 300)
    })
  )
}
