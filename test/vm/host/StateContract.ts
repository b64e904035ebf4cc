import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { HostFiles } from "../../../src/vm/host/HostFiles.ts"
import { StateFolder } from "../../../src/vm/host/StateFolder.ts"
import { HostFixture, type HostTest, victim } from "./HostFixture.ts"

export const stateContract = (test: HostTest) => {
  test(
    "keeps what one run leaves for the next",
    Effect.gen(function* () {
      const state = yield* StateFolder
      assert.deepStrictEqual(yield* state.read("entry"), Option.none())
      yield* state.remove("entry")
      yield* state.write("entry", "first, and longer")
      yield* state.write("entry", "second")
      assert.deepStrictEqual(yield* state.read("entry"), Option.some("second"))
      yield* state.remove("entry")
      assert.deepStrictEqual(yield* state.read("entry"), Option.none())
    })
  )

  test(
    "refuses an entry that is a link, and leaves what that leads to as it is",
    Effect.gen(function* () {
      const state = yield* StateFolder
      const host = yield* HostFixture
      const other = yield* victim
      yield* host.link(`${host.statePath}/entry`, other.path)
      for (const [operation, call] of [
        ["read", state.read("entry")],
        ["write", state.write("entry", "mine")],
        ["remove", state.remove("entry")]
      ] as const) {
        const failure = yield* Effect.flip<unknown, { readonly message: string }, never>(call)
        assert.include(
          failure.message,
          `${operation} ${host.statePath}/entry: it is a symbolic link (to ${other.path})`
        )
        yield* other.isUntouched
      }
      yield* state.write("another", "mine")
      assert.deepStrictEqual(yield* state.read("another"), Option.some("mine"))
    })
  )

  test(
    "refuses to be a link, and leaves the folder that it leads to as it is",
    Effect.gen(function* () {
      const state = yield* StateFolder
      const files = yield* HostFiles
      const host = yield* HostFixture
      const elsewhere = `${host.filesRoot}/folder`
      yield* files.write(`${elsewhere}/entry`, "as it was\n", { mode: "0600" })
      yield* host.link(host.statePath, elsewhere)
      for (const call of [state.read("entry"), state.write("entry", "mine"), state.remove("entry")]) {
        const failure = yield* Effect.flip<unknown, { readonly message: string }, never>(call)
        assert.include(failure.message, `${host.statePath}: it is a symbolic link (to ${elsewhere})`)
      }
      assert.deepStrictEqual(yield* files.read(`${elsewhere}/entry`), Option.some("as it was\n"))
      assert.deepStrictEqual(yield* files.read(`${elsewhere}/entry.new`), Option.none())
    })
  )

  test(
    "has its draft written where a link was left in its place, not through that",
    Effect.gen(function* () {
      const state = yield* StateFolder
      const host = yield* HostFixture
      const other = yield* victim
      yield* host.link(`${host.statePath}/entry.new`, other.path)
      yield* state.write("entry", "mine")
      assert.deepStrictEqual(yield* state.read("entry"), Option.some("mine"))
      yield* other.isUntouched
    })
  )
}
