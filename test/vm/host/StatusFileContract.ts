import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { CommandRunner } from "../../../src/vm/host/CommandRunner.ts"
import { parentOf } from "../../../src/vm/host/HostFiles.ts"
import { StatusFile } from "../../../src/vm/host/StatusFile.ts"
import { HostFixture, type HostTest, readFile, victim } from "./HostFixture.ts"

export const statusFileContract = (test: HostTest) => {
  test(
    "is made with its directory, is whole, and is root's alone",
    Effect.gen(function* () {
      const file = yield* StatusFile
      const runner = yield* CommandRunner
      assert.deepStrictEqual(yield* file.read, Option.none())
      yield* file.write("the first, which is longer\n")
      yield* file.write("the second\n")
      assert.deepStrictEqual(yield* file.read, Option.some("the second\n"))
      assert.strictEqual(yield* readFile(file.path), "the second\n")
      const { stdout } = yield* runner.run({ program: "ls", args: ["-A", "--", parentOf(file.path)] })
      assert.deepStrictEqual(stdout.trim().split("\n"), ["status.json"])
    })
  )

  test(
    "refuses to be a link, and leaves what that leads to as it is",
    Effect.gen(function* () {
      const file = yield* StatusFile
      const host = yield* HostFixture
      const other = yield* victim
      yield* host.link(file.path, other.path)
      for (const call of [file.read, file.write("mine")]) {
        const failure = yield* Effect.flip<unknown, { readonly message: string }, never>(call)
        assert.include(failure.message, `${file.path}: it is a symbolic link (to ${other.path})`)
      }
      yield* other.isUntouched
    })
  )
}
