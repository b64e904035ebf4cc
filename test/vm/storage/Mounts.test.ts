import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Mounts } from "../../../src/vm/storage/Mounts.ts"
import { type Answer, fakeCommands } from "../host/FakeCommands.ts"

const withMounts = (script: Readonly<Record<string, Answer>>) => {
  const commands = fakeCommands(script)
  return { commands, layer: Mounts.layer.pipe(Layer.provide(commands.layer)) }
}

const data = { source: "/dev/sdb", target: "/mnt/data", type: "ext4", options: ["rw", "noatime"] }

describe("Mounts", () => {
  it.effect("reads the table where its commands run", () => {
    const { layer } = withMounts({ "cat -- /proc/self/mounts": { stdout: "/dev/sdb /mnt/a\\040b ext4 rw 0 0\n" } })
    return Effect.gen(function* () {
      const { table } = yield* Mounts
      assert.deepStrictEqual(yield* table, [{ source: "/dev/sdb", target: "/mnt/a b", type: "ext4", options: ["rw"] }])
    }).pipe(Effect.provide(layer))
  })

  it.effect("creates the mount point before it mounts", () => {
    const { commands, layer } = withMounts({
      "mkdir -p -- /mnt/data": {},
      "mount -t ext4 -o rw,noatime -- /dev/sdb /mnt/data": {},
      "umount -- /mnt/data": {}
    })
    return Effect.gen(function* () {
      const mounts = yield* Mounts
      yield* mounts.mount(data)
      yield* mounts.unmount("/mnt/data")
      assert.deepStrictEqual(commands.lines(), [
        "mkdir -p -- /mnt/data",
        "mount -t ext4 -o rw,noatime -- /dev/sdb /mnt/data",
        "umount -- /mnt/data"
      ])
    }).pipe(Effect.provide(layer))
  })

  it.effect("does not mount on what could not be created, and says why", () => {
    const { commands, layer } = withMounts({
      "mkdir -p -- /mnt/data": { exitCode: 1, stderr: "mkdir: cannot create directory '/mnt': Read-only file system\n" }
    })
    return Effect.gen(function* () {
      const mounts = yield* Mounts
      const error = yield* Effect.flip(mounts.mount(data))
      assert.strictEqual(
        error.message,
        "create directory /mnt/data: mkdir: cannot create directory '/mnt': Read-only file system (exit code 1)"
      )
      assert.strictEqual(commands.ran.length, 1)
    }).pipe(Effect.provide(layer))
  })

  it.effect("a table that cannot be read is an error, not an empty table", () => {
    const { layer } = withMounts({ "cat -- /proc/self/mounts": { exitCode: 1, stderr: "cat: Permission denied" } })
    return Effect.gen(function* () {
      const { table } = yield* Mounts
      const error = yield* Effect.flip(table)
      assert.strictEqual(error._tag, "MountFailed")
    }).pipe(Effect.provide(layer))
  })
})
