import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
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
    "tells what is written, beginning with the last that was, also where the file cannot be written",
    Effect.gen(function* () {
      const file = yield* StatusFile
      const host = yield* HostFixture
      yield* file.write("the first")
      yield* file.write("the second")
      const texts = yield* Effect.forkChild(Stream.runCollect(Stream.take(file.written, 3)))
      yield* Effect.yieldNow
      yield* file.write("the third")
      yield* host.link(file.path, (yield* victim).path)
      yield* Effect.flip(file.write("the fourth"))
      assert.deepStrictEqual(yield* Fiber.join(texts), ["the second", "the third", "the fourth"])
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
