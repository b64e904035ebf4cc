import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { CommandRunner } from "../../../src/vm/host/CommandRunner.ts"
import { devicePath } from "../../../src/workload/devicePath.ts"
import { Mounts } from "../../../src/vm/storage/Mounts.ts"
import { HostFiles, parentOf } from "../../../src/vm/host/HostFiles.ts"
import { HostFixture, type HostTest, victim } from "./HostFixture.ts"

export const hostFilesContract = (test: HostTest) => {
  /** A file in a directory that is not there yet. */
  const place = Effect.map(HostFixture, ({ filesRoot }) => `${filesRoot}/one/two/file`)

  for (const isSynced of [false, true]) {
    test(
      `writes a text${isSynced ? " through to the disk" : ""}, and another in its place`,
      Effect.gen(function* () {
        const files = yield* HostFiles
        const path = yield* place
        assert.deepStrictEqual(yield* files.read(path), Option.none())
        yield* files.write(path, "first, and longer\n", { mode: "0600", isSynced })
        assert.deepStrictEqual(yield* files.read(path), Option.some("first, and longer\n"))
        const text = "\ufeffit's $HOME\n\u{1f6a2}"
        yield* files.write(path, text, { mode: "0755", isSynced })
        assert.deepStrictEqual(yield* files.read(path), Option.some(text))
        assert.deepStrictEqual(yield* files.read(`${path}.new`), Option.none())
        yield* files.write(path, "", { mode: "0600", isSynced })
        assert.deepStrictEqual(yield* files.read(path), Option.some(""))
      })
    )
  }

  test(
    "reads no more than the end of a file",
    Effect.gen(function* () {
      const files = yield* HostFiles
      const path = yield* place
      assert.deepStrictEqual(yield* files.readEnd(path, 4), Option.none())
      yield* files.write(path, "", { mode: "0600" })
      assert.deepStrictEqual(yield* files.readEnd(path, 4), Option.some(""))
      yield* files.write(path, "one\ntwo\n", { mode: "0600" })
      assert.deepStrictEqual(yield* files.readEnd(path, 4), Option.some("two\n"))
      assert.deepStrictEqual(yield* files.readEnd(path, 4096), Option.some("one\ntwo\n"))
    })
  )

  test(
    "writes bytes, and renames a directory with all that is in it",
    Effect.gen(function* () {
      const files = yield* HostFiles
      const host = yield* HostFixture
      const from = `${host.filesRoot}/from`
      const to = `${host.filesRoot}/to`
      yield* files.write(`${from}/deep/file`, new TextEncoder().encode("größe\0\n"), { mode: "0440" })
      yield* files.setMode(`${from}/deep`, "0700")
      yield* files.setGroup(`${from}/deep/file`, 2000)
      yield* files.move(from, to)
      assert.deepStrictEqual(yield* files.kindOf(from), Option.none())
      assert.deepStrictEqual(yield* files.read(`${to}/deep/file`), Option.some("größe\0\n"))
      const mounts = yield* Mounts
      assert.deepStrictEqual(yield* mounts.owner(`${to}/deep/file`), { gid: 2000, mode: 0o440 })
      assert.strictEqual((yield* mounts.owner(`${to}/deep`)).mode, 0o700)
      const error = yield* Effect.flip(files.move(from, to))
      assert.strictEqual(error._tag, "HostFileFailed")
      // What has been removed leaves nothing to what comes after it.
      yield* files.removeTree(to)
      yield* files.write(`${to}/deep/file`, "", { mode: "0600" })
      assert.strictEqual((yield* mounts.owner(`${to}/deep/file`)).gid, 0)
      yield* files.removeTree(to)
    })
  )

  test(
    "has a draft that another run left replaced",
    Effect.gen(function* () {
      const files = yield* HostFiles
      const path = yield* place
      yield* files.write(`${path}.new`, "a half, and longer than what is to come", { mode: "0777" })
      yield* files.write(path, "whole", { mode: "0600" })
      assert.deepStrictEqual(yield* files.read(path), Option.some("whole"))
      assert.deepStrictEqual(yield* files.read(`${path}.new`), Option.none())
    })
  )

  test(
    "writes through no link: one in the place of the file, or of its draft, gives way",
    Effect.gen(function* () {
      const files = yield* HostFiles
      const host = yield* HostFixture
      const path = yield* place
      const other = yield* victim
      for (const isSynced of [false, true]) {
        yield* files.remove(path)
        yield* host.link(path, other.path)
        yield* host.link(`${path}.new`, other.path)
        yield* files.write(path, `mine ${isSynced}`, { mode: "0644", isSynced })
        assert.deepStrictEqual(yield* files.read(path), Option.some(`mine ${isSynced}`))
        assert.deepStrictEqual(yield* files.readLink(path), Option.none())
        yield* other.isUntouched
      }
      yield* host.link(`${path}.link`, other.path)
      yield* files.remove(`${path}.link`)
      yield* other.isUntouched
    })
  )

  test(
    "tells what is written in a link, and of nothing else",
    Effect.gen(function* () {
      const files = yield* HostFiles
      const host = yield* HostFixture
      const path = yield* place
      yield* host.link(path, "../some where")
      assert.deepStrictEqual(yield* files.readLink(path), Option.some("../some where"))
      yield* files.write(`${path}-file`, "", { mode: "0600" })
      for (const other of [`${path}-file`, parentOf(path), `${path}-none`]) {
        assert.deepStrictEqual(yield* files.readLink(other), Option.none(), other)
      }
    })
  )

  test(
    "finds where a path leads, through links, be it there or not",
    Effect.gen(function* () {
      const files = yield* HostFiles
      const host = yield* HostFixture
      const root = host.filesRoot
      yield* files.makeDirectory(`${root}/real/inner`)
      yield* host.link(`${root}/link`, `${root}/real`)
      yield* host.link(`${root}/relative`, "./real/../link")
      yield* host.link(`${root}/nowhere`, "missing/place")
      for (const [path, found] of [
        ["real/inner", "real/inner"],
        ["link", "real"],
        ["link/", "real"],
        ["link/inner", "real/inner"],
        ["relative/inner", "real/inner"],
        ["link/not/there", "real/not/there"],
        ["link//not/./there/", "real/not/there"],
        ["link/not/../there", "real/there"],
        ["link/..", ""],
        ["nowhere", "missing/place"],
        ["nowhere/below", "missing/place/below"],
        ["missing", "missing"]
      ] as const) {
        const expected = `${yield* files.locate(root)}/${found}`.replace(/\/$/, "")
        assert.strictEqual(yield* files.locate(`${root}/${path}`), expected, path)
      }
      assert.strictEqual(yield* files.locate("/"), "/")
      assert.strictEqual(yield* files.locate("/.."), "/")
    })
  )

  test(
    "removes what is there and what is not, and makes a directory twice",
    Effect.gen(function* () {
      const files = yield* HostFiles
      const path = yield* place
      yield* files.makeDirectory(path)
      yield* files.makeDirectory(path)
      yield* files.write(`${path}/x`, "x", { mode: "0600" })
      yield* files.remove(`${path}/x`)
      yield* files.remove(`${path}/x`)
      assert.deepStrictEqual(yield* files.read(`${path}/x`), Option.none())
    })
  )

  test(
    "makes a directory with the very mode, and leaves one that is there as it is",
    Effect.gen(function* () {
      const files = yield* HostFiles
      const mounts = yield* Mounts
      const path = yield* place
      for (const mode of ["0700", "0777", "2775", "1777"]) {
        const directory = `${path}/${mode}`
        yield* files.makeDirectory(directory, mode)
        yield* files.makeDirectory(directory, "0711")
        assert.strictEqual((yield* mounts.owner(directory)).mode, parseInt(mode, 8), mode)
      }
    })
  )

  test(
    "tells what is at a path, links followed, and creates a file where there is none",
    Effect.gen(function* () {
      const files = yield* HostFiles
      const host = yield* HostFixture
      const path = yield* place
      const parent = parentOf(path)
      assert.deepStrictEqual(yield* files.kindOf(path), Option.none())
      assert.deepStrictEqual(yield* files.list(parent), [])
      assert.strictEqual((yield* Effect.flip(files.createFile(path)))._tag, "HostFileFailed")
      yield* files.makeDirectory(parent)
      yield* files.createFile(path)
      assert.deepStrictEqual(yield* files.read(path), Option.some(""))
      yield* files.write(path, "kept", { mode: "0600" })
      yield* files.createFile(path)
      assert.deepStrictEqual(yield* files.read(path), Option.some("kept"))
      yield* host.link(`${parent}/to-file`, path)
      yield* host.link(`${parent}/to-nothing`, "missing")
      const device = devicePath(yield* host.attach("blank"), 0)
      for (const [one, kind] of [
        [path, "File"],
        [`${parent}/to-file`, "File"],
        [parent, "Directory"],
        [device, "BlockDevice"]
      ] as const) {
        assert.deepStrictEqual(yield* files.kindOf(one), Option.some(kind), one)
      }
      assert.deepStrictEqual(yield* files.kindOf(`${parent}/to-nothing`), Option.none())
      assert.sameMembers([...(yield* files.list(parent))], ["file", "to-file", "to-nothing"])
      yield* files.removeTree(parent)
      assert.deepStrictEqual(yield* files.kindOf(parent), Option.none())
    })
  )

  test(
    "says what stands in the way, and not the text",
    Effect.gen(function* () {
      const files = yield* HostFiles
      const path = yield* place
      yield* files.write(path, "a file", { mode: "0600" })
      const error = yield* Effect.flip(files.makeDirectory(path))
      assert.strictEqual(error._tag, "HostFileFailed")
      assert.match(error.message, /^create directory .*\/one\/two\/file: .*(file|already) exists/i)
    })
  )

  test(
    "follows a link to what it leads to in the end",
    Effect.gen(function* () {
      const files = yield* HostFiles
      const host = yield* HostFixture
      const { run } = yield* CommandRunner
      const link = devicePath(yield* host.attach("blank"), 0)
      const { stdout } = yield* run({ program: "readlink", args: ["-e", "--", link] })
      assert.deepStrictEqual(yield* files.resolve(link), Option.some(stdout.trim()))
      assert.deepStrictEqual(yield* files.resolve(`${link}-none`), Option.none())
    })
  )
}
