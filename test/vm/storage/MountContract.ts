import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { devicePath } from "../../../src/workload/devicePath.ts"
import { HostFiles } from "../../../src/vm/host/HostFiles.ts"
import { boundPath, mountOf, placeIn } from "../../../src/vm/storage/MountInfo.ts"
import { Mounts } from "../../../src/vm/storage/Mounts.ts"
import { groupMode, hasGroup } from "../../../src/vm/storage/VolumeOwner.ts"
import { HostFixture, type HostTest, mounted, observePresent, readFile, victim } from "../host/HostFixture.ts"

export const mountContract = (test: HostTest) => {
  const entryAt = Effect.fnUntraced(function* (target: string) {
    const mounts = yield* Mounts
    return (yield* mounts.table).filter((entry) => entry.target === target)
  })

  test(
    "a disk is mounted on a directory that is created, and unmounted",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const mounts = yield* Mounts
      const deviceName = yield* host.attach("data")
      const { path } = yield* observePresent(deviceName)
      const target = `${host.mountRoot}/disks/with space and \\ and ünï`
      yield* mounted({ source: devicePath(deviceName, 0), target, type: "ext4", options: ["ro"] })
      const [entry, ...more] = yield* entryAt(target)
      assert.strictEqual(more.length, 0)
      assert.strictEqual(entry?.source, path)
      assert.strictEqual(entry?.type, "ext4")
      assert.include(entry?.options ?? [], "ro")
      assert.strictEqual(yield* readFile(`${target}/kept`), "data\n")
      yield* mounts.unmount(target)
      assert.deepStrictEqual(yield* entryAt(target), [])
    })
  )

  test(
    "a tmpfs is mounted, and what is mounted on it keeps it from being unmounted",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const mounts = yield* Mounts
      const outer = `${host.mountRoot}/outer`
      const inner = `${outer}/inner`
      const tmpfs = { source: "tmpfs", type: "tmpfs", options: ["rw"] }
      yield* mounted({ ...tmpfs, target: outer })
      yield* mounted({ ...tmpfs, target: inner })
      const entry = (yield* entryAt(inner))[0]
      assert.strictEqual(entry?.type, "tmpfs")
      assert.include(entry?.options ?? [], "rw")
      const failure = yield* Effect.flip(mounts.unmount(outer))
      assert.strictEqual(failure._tag, "MountFailed")
      assert.match(failure.message, /busy/)
      yield* mounts.unmount(inner)
      yield* mounts.unmount(outer)
      assert.deepStrictEqual(yield* entryAt(outer), [])
    })
  )

  test(
    "a directory or a file is bound elsewhere, and the kernel tells which",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const mounts = yield* Mounts
      const files = yield* HostFiles
      const root = yield* mounts.resolve(host.mountRoot)
      const origin = `${root}/origin`
      yield* mounted({ source: "tmpfs", target: origin, type: "tmpfs", options: ["rw"] })
      yield* files.write(`${origin}/with space/file`, "bound", { mode: "0644" })
      const bind = { type: "none", options: ["bind"] }
      yield* mounted({ ...bind, source: `${origin}/with space`, target: `${root}/bound/directory` })
      yield* mounted({ ...bind, source: `${origin}/with space/file`, target: `${root}/bound/file` })
      assert.strictEqual(yield* readFile(`${root}/bound/directory/file`), "bound")
      assert.strictEqual(yield* readFile(`${root}/bound/file`), "bound")
      const details = yield* mounts.details
      const isOrigin = (target: string) => !target.startsWith(`${root}/bound/`)
      for (const [target, path] of [
        ["directory", `${origin}/with space`],
        ["file", `${origin}/with space/file`]
      ] as const) {
        assert.strictEqual(boundPath(details, `${root}/bound/${target}`, isOrigin), path)
        assert.deepStrictEqual(placeIn(details, `${root}/bound/${target}`), placeIn(details, path))
      }
      assert.strictEqual(mountOf(details, origin)?.target, origin)
      const missing = { ...bind, source: `${origin}/missing`, target: `${root}/bound/missing` }
      assert.strictEqual((yield* Effect.flip(mounts.mount(missing)))._tag, "MountFailed")
    })
  )

  test(
    "what cannot be mounted or unmounted fails with the program's words",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const mounts = yield* Mounts
      const blank = devicePath(yield* host.attach("blank"), 0)
      const target = `${host.mountRoot}/nothing`
      const wrong = yield* Effect.flip(mounts.mount({ source: blank, target, type: "ext4", options: ["rw"] }))
      assert.strictEqual(wrong._tag, "MountFailed")
      assert.match(wrong.message, /wrong fs type/)
      const absent = yield* Effect.flip(mounts.unmount(target))
      assert.strictEqual(absent._tag, "MountFailed")
      assert.match(absent.message, /not mounted/)
    })
  )

  test(
    "what is mounted through links is in the table where they lead, as it was resolved before",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const mounts = yield* Mounts
      const elsewhere = `${host.mountRoot}/elsewhere`
      const link = `${host.mountRoot}/link`
      yield* mounts.createDirectory(elsewhere)
      yield* host.link(link, elsewhere)
      const resolved = yield* mounts.resolve(`${link}/not/yet`)
      assert.match(resolved, /\/elsewhere\/not\/yet$/)
      yield* mounted({ source: "tmpfs", target: `${link}/not/yet`, type: "tmpfs", options: ["rw"] })
      assert.lengthOf(yield* entryAt(resolved), 1)
      assert.strictEqual(yield* mounts.resolve(`${link}/not/yet`), resolved)
      yield* mounts.unmount(resolved)
      assert.lengthOf(yield* entryAt(resolved), 0)
    })
  )

  test(
    "a directory is created with its parents, and again",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const mounts = yield* Mounts
      const path = `${host.mountRoot}/one/two/-three`
      yield* mounts.createDirectory(path)
      yield* mounts.createDirectory(path)
      yield* mounted({ source: "tmpfs", target: path, type: "tmpfs", options: ["rw"] })
    })
  )

  test(
    "a volume is given to a group with all that is on it, but for what links lead to and what is mounted below it",
    Effect.gen(function* () {
      const host = yield* HostFixture
      const mounts = yield* Mounts
      const files = yield* HostFiles
      const root = `${host.mountRoot}/volume`
      const tmpfs = { source: "tmpfs", type: "tmpfs", options: ["rw", "mode=0755"] }
      yield* mounted({ ...tmpfs, target: root })
      const { path: elsewhere } = yield* victim
      const before = {
        secret: "0600",
        "tool with space": "0755",
        $special: "4755",
        "-both": "6755",
        "deep/er/file\n": "0640",
        "deep/er/group": "2711"
      }
      for (const [name, mode] of Object.entries(before)) {
        yield* files.write(`${root}/${name}`, "text", { mode: "0600" })
        yield* files.setMode(`${root}/${name}`, mode)
      }
      yield* host.link(`${root}/deep/link`, elsewhere)
      yield* host.link(`${root}/dangling`, "nowhere")
      yield* mounted({ ...tmpfs, target: `${root}/other` })
      yield* files.write(`${root}/other/file`, "text", { mode: "0600" })
      assert.deepStrictEqual(yield* mounts.owner(root), { gid: 0, mode: 0o755 })

      for (const gid of [4242, 4242, 77]) {
        let count = 0
        const complaint = yield* mounts.setGroup(root, gid, (more) => Effect.sync(() => void (count += more)))
        assert.deepStrictEqual(complaint, Option.none())
        // Six files, two directories, two links, and the place where something else is mounted.
        assert.strictEqual(count, 11)
        assert.isTrue(hasGroup(yield* mounts.owner(root), gid))
        for (const [name, mode] of Object.entries(before)) {
          const expected = { gid, mode: groupMode("file", Number.parseInt(mode, 8)) }
          assert.deepStrictEqual(yield* mounts.owner(`${root}/${name}`), expected, name)
        }
        for (const name of ["deep", "deep/er"]) {
          assert.isTrue(hasGroup(yield* mounts.owner(`${root}/${name}`), gid), name)
        }
        for (const name of ["deep/link", "dangling"]) {
          assert.strictEqual((yield* mounts.owner(`${root}/${name}`)).gid, gid, name)
        }
        assert.deepStrictEqual(yield* mounts.owner(elsewhere), { gid: 0, mode: 0o600 })
        assert.deepStrictEqual(yield* mounts.owner(`${root}/other/file`), { gid: 0, mode: 0o600 })
      }
      const failure = yield* Effect.flip(mounts.owner(`${root}/missing`))
      assert.match(failure.message, /No such file/)
    })
  )
}
