import { assert } from "@effect/vitest"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import { HostFiles, parentOf } from "../../../src/vm/host/HostFiles.ts"
import { Lock } from "../../../src/vm/host/Lock.ts"
import { HostFixture, type HostTest, readFile, victim } from "./HostFixture.ts"

const silent = () => Effect.void

/** Whoever holds the lock writes so into its file just after. */
const hasWritten = Effect.fnUntraced(function* (holder: string) {
  const { lockPath } = yield* HostFixture
  yield* Effect.repeat(readFile(lockPath), { until: (text) => text === `${holder}\n` })
})

export const lockContract = (test: HostTest) => {
  test(
    "one at a time: the second is told who the first is, and gets it when the first is done",
    Effect.gen(function* () {
      const lock = yield* Lock
      const told = yield* Deferred.make<string>()
      const held = yield* Deferred.make<void>()
      const first = yield* Effect.forkChild(
        Effect.scoped(
          Effect.gen(function* () {
            yield* lock.acquire({ holder: "the first", limit: Duration.zero, onWait: silent })
            yield* hasWritten("the first")
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
        limit: Duration.minutes(10),
        onWait: (holder) => Effect.asVoid(Deferred.succeed(told, holder))
      })
      yield* Fiber.join(first)
      yield* hasWritten("the second")
    })
  )

  test(
    "gives up after the limit",
    Effect.gen(function* () {
      const lock = yield* Lock
      yield* lock.acquire({ holder: "the first", limit: Duration.zero, onWait: silent })
      yield* hasWritten("the first")
      const limit = Duration.millis(300)
      const busy = yield* Effect.flip(Effect.scoped(lock.acquire({ holder: "the second", limit, onWait: silent })))
      if (busy._tag !== "LockBusy") return assert.fail(busy.message)
      assert.strictEqual(busy.holder, "the first")
      assert.strictEqual(Duration.toMillis(busy.waited), 300)
    })
  )

  test(
    "is refused where its file is a link, and what that leads to is left as it is",
    Effect.gen(function* () {
      const lock = yield* Lock
      const host = yield* HostFixture
      const other = yield* victim
      yield* host.link(host.lockPath, other.path)
      const failure = yield* Effect.flip(
        Effect.scoped(lock.acquire({ holder: "me", limit: Duration.seconds(5), onWait: silent }))
      )
      assert.strictEqual(failure._tag, "LockFailed")
      assert.include(failure.message, `${host.lockPath}: it is a symbolic link (to ${other.path})`)
      yield* other.isUntouched
    })
  )

  test(
    "is refused where its file is a link that leads nowhere, and nothing is made there",
    Effect.gen(function* () {
      const lock = yield* Lock
      const files = yield* HostFiles
      const host = yield* HostFixture
      const nowhere = `${host.filesRoot}/nowhere`
      yield* files.makeDirectory(host.filesRoot)
      yield* host.link(host.lockPath, nowhere)
      const failure = yield* Effect.flip(
        Effect.scoped(lock.acquire({ holder: "me", limit: Duration.zero, onWait: silent }))
      )
      assert.strictEqual(failure._tag, "LockFailed")
      assert.deepStrictEqual(yield* files.read(nowhere), Option.none())
    })
  )

  test(
    "is taken where the directory that it is in is a link, as /var/run is",
    Effect.gen(function* () {
      const lock = yield* Lock
      const files = yield* HostFiles
      const host = yield* HostFixture
      const elsewhere = `${host.filesRoot}/run`
      yield* files.makeDirectory(elsewhere)
      yield* host.link(parentOf(host.lockPath), elsewhere)
      yield* lock.acquire({ holder: "me", limit: Duration.zero, onWait: silent })
      yield* hasWritten("me")
      assert.strictEqual(yield* readFile(`${elsewhere}/lock`), "me\n")
    })
  )
}
