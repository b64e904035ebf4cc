import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { EmptyDirFolder } from "../../../src/vm/host/EmptyDirFolder.ts"
import { HostFiles, parentOf } from "../../../src/vm/host/HostFiles.ts"
import { HostFixture, type HostTest, victim } from "./HostFixture.ts"

export const emptyDirContract = (test: HostTest) => {
  test(
    "makes a volume's directory, and removes it with all that is in it",
    Effect.gen(function* () {
      const folder = yield* EmptyDirFolder
      const files = yield* HostFiles
      const path = folder.pathOf("vm/one", "cache")
      assert.deepStrictEqual(yield* folder.observe("vm/one"), [])
      yield* folder.make(path)
      assert.deepStrictEqual(yield* files.kindOf(path), Option.some("Directory"))
      yield* files.write(`${path}/deep/er/file`, "x", { mode: "0600" })
      // Made again, it keeps what is in it.
      yield* folder.make(path)
      assert.deepStrictEqual(yield* files.read(`${path}/deep/er/file`), Option.some("x"))
      assert.deepStrictEqual(yield* folder.observe("vm/one"), [path])
      yield* folder.remove(path)
      yield* folder.remove(path)
      assert.deepStrictEqual(yield* folder.observe("vm/one"), [])
    })
  )

  test(
    "tells one boot's directories from another's, whose own are one",
    Effect.gen(function* () {
      const folder = yield* EmptyDirFolder
      const before = ["a", "b"].map((volume) => folder.pathOf("vm/one", volume))
      for (const path of before) yield* folder.make(path)
      const now = folder.pathOf("vm/two", "a/../b")
      yield* folder.make(now)
      assert.strictEqual(parentOf(parentOf(now)), parentOf(parentOf(before[0]!)))
      assert.sameMembers([...(yield* folder.observe("vm/two"))], [parentOf(before[0]!), now])
      yield* folder.remove(parentOf(before[0]!))
      assert.deepStrictEqual(yield* folder.observe("vm/one"), [parentOf(now)])
    })
  )

  test(
    "removes links and not what they lead to, and nothing that is not in it",
    Effect.gen(function* () {
      const folder = yield* EmptyDirFolder
      const host = yield* HostFixture
      const files = yield* HostFiles
      const other = yield* victim
      const path = folder.pathOf("vm/one", "cache")
      yield* folder.make(path)
      yield* host.link(`${path}/file`, other.path)
      yield* host.link(`${path}/directory`, parentOf(other.path))
      for (const elsewhere of [parentOf(other.path), `${path}/deeper/still`, parentOf(parentOf(path)), "/"]) {
        assert.strictEqual((yield* Effect.flip(folder.remove(elsewhere)))._tag, "HostFileFailed", elsewhere)
      }
      yield* folder.remove(path)
      yield* other.isUntouched
      // A link in the place of one of its own folders is not gone through.
      yield* files.removeTree(parentOf(path))
      yield* host.link(parentOf(path), parentOf(other.path))
      for (const act of [folder.make(path), folder.remove(`${parentOf(path)}/victim`)]) {
        assert.match((yield* Effect.flip(act)).message, /symbolic link/)
      }
      yield* other.isUntouched
    })
  )
}
