import { layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assert, describe, inject } from "vitest"
import { HostFiles } from "../../src/vm/host/HostFiles.ts"
import { Mounts } from "../../src/vm/storage/Mounts.ts"
import { HostFixture } from "../vm/host/HostContract.ts"
import { bench, boot, inside, isPodman, layerVm, onClearVm, onlyRunning, runOnHost, started, Vm } from "./Vm.ts"

/** A container that writes where it has a volume, and runs on. */
const declare = (
  tag: string,
  volumeMounts: ReadonlyArray<Record<string, unknown>>,
  volumes: ReadonlyArray<Record<string, unknown>>
): string =>
  JSON.stringify({
    spec: { containers: [{ name: "web", image: `${bench().registry}/app:${tag}`, volumeMounts }], volumes }
  })

describe.skipIf(inject("bench") === undefined)("volumes on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("an emptyDir on the disk is open to all, outlives its container, and goes with its volume", () =>
      Effect.gen(function* () {
        const { statePath } = yield* HostFixture
        const scratch = (tag: string) =>
          declare(tag, [{ name: "scratch", mountPath: "/scratch" }], [{ name: "scratch", emptyDir: {} }])
        yield* started(scratch("1"))
        assert.strictEqual(yield* inside("busybox stat -c %a /scratch; busybox ls -A /scratch"), "777")
        yield* inside("echo kept > /scratch/file")
        const [boot = "", ...more] = (yield* runOnHost("ls", "-A", `${statePath}/empty-dirs`)).split("\n")
        assert.deepStrictEqual(more, [])
        assert.strictEqual(yield* runOnHost("cat", `${statePath}/empty-dirs/${boot}/scratch/file`), "kept")
        assert.strictEqual(yield* runOnHost("stat", "-c", "%a", statePath), "700")

        yield* started(scratch("2"))
        assert.strictEqual(yield* inside("cat /scratch/file"), "kept")
        assert.deepStrictEqual((yield* started(scratch("2"))).steps, [])

        // What a container has linked elsewhere is not followed.
        const { filesRoot } = yield* HostFixture
        const files = yield* HostFiles
        yield* files.write(`${filesRoot}/victim`, "as it was", { mode: "0600" })
        yield* inside(`busybox ln -s ${filesRoot} /scratch/link`)
        yield* started(declare("1", [], []))
        assert.strictEqual(yield* runOnHost("ls", "-A", `${statePath}/empty-dirs/${boot}`), "")
        assert.strictEqual(yield* runOnHost("cat", `${filesRoot}/victim`), "as it was")
      }))

    test("an emptyDir in memory is as large as its limit", () =>
      Effect.gen(function* () {
        const cache = (sizeLimit: string) =>
          declare(
            "1",
            [{ name: "cache", mountPath: "/cache" }],
            [{ name: "cache", emptyDir: { medium: "Memory", sizeLimit } }]
          )
        yield* started(cache("1Mi"))
        assert.match(yield* inside("busybox grep ' /cache ' /proc/mounts"), /^tmpfs \/cache tmpfs \S*size=1024k/)
        assert.include(yield* inside("busybox dd if=/dev/zero of=/cache/x bs=1M count=2 2>&1 || true"), "No space left")
        assert.deepStrictEqual((yield* started(cache("1Mi"))).steps, [])
        yield* started(cache("1025Ki"))
        assert.match(yield* inside("busybox grep ' /cache ' /proc/mounts"), /size=1028k/)
        assert.deepStrictEqual((yield* started(cache("1025Ki"))).steps, [])
      }))

    test("a host path has to be what its type says, and is made where it may be", () =>
      Effect.gen(function* () {
        const { filesRoot } = yield* HostFixture
        const at = (path: string, type: string) =>
          declare(
            "1",
            [{ name: "data", mountPath: "/data" }],
            [{ name: "data", hostPath: { path: `${filesRoot}/${path}`, type } }]
          )
        yield* started(declare("1", [], []))
        const before = yield* onlyRunning
        for (const [path, type, words] of [
          ["none", "Directory", /there is nothing/],
          ["none/file", "FileOrCreate", /there is no directory/],
          ["../run", "Socket", /there is (a directory|nothing)/]
        ] as const) {
          const failure = yield* Effect.flip(boot(at(path, type)))
          assert.strictEqual(failure._tag, "PlanRefused", failure.message)
          assert.match(failure.message, words)
        }
        assert.strictEqual((yield* onlyRunning).Id, before.Id)
        yield* started(at("made/directory", "DirectoryOrCreate"))
        assert.strictEqual(yield* runOnHost("stat", "-c", "%a", `${filesRoot}/made/directory`), "755")
        yield* inside("echo here > /data/file")
        yield* started(at("made/directory/other", "FileOrCreate"))
        assert.strictEqual(
          yield* runOnHost("stat", "-c", "%a %F", `${filesRoot}/made/directory/other`),
          "644 regular empty file"
        )
        assert.strictEqual(yield* inside("echo written > /data; cat /data"), "written")
        // What is there is what another type asks for as well.
        assert.deepStrictEqual((yield* started(at("made/directory/other", "File"))).steps, [])
        yield* started(at("made/directory", "Directory"))
        assert.strictEqual(yield* inside("cat /data/file"), "here")
      }))

    test("mounts made below a volume later pass into a container that asks for them, and into no other", () =>
      Effect.gen(function* () {
        const { filesRoot } = yield* HostFixture
        const mounts = yield* Mounts
        const root = `${filesRoot}/shared`
        yield* Effect.acquireRelease(
          mounts.mount({ source: "tmpfs", target: root, type: "tmpfs", options: ["rw"] }),
          () => Effect.ignore(mounts.unmount(root))
        )
        const volumes = [{ name: "data", hostPath: { path: root } }]
        yield* runOnHost("mount", "--make-private", root)
        const asked = declare(
          "1",
          [
            { name: "data", mountPath: "/with", mountPropagation: "HostToContainer" },
            { name: "data", mountPath: "/without" }
          ],
          volumes
        )
        const failure = yield* Effect.flip(boot(asked))
        assert.include(failure.message, `mount --make-rshared ${root}`)
        yield* runOnHost("mount", "--make-rshared", root)
        yield* started(asked)
        const later = `${root}/later`
        yield* Effect.acquireRelease(
          mounts.mount({ source: "tmpfs", target: later, type: "tmpfs", options: ["rw"] }),
          () => Effect.ignore(mounts.unmount(later))
        )
        yield* runOnHost("touch", `${later}/seen`)
        assert.strictEqual(yield* inside("ls /with/later; ls /without/later"), "seen")
        assert.deepStrictEqual((yield* started(asked)).steps, [])
      }).pipe(Effect.scoped))

    test("a read-only mount covers what is mounted below it, or is refused before anything is stopped", () =>
      Effect.gen(function* () {
        const { filesRoot } = yield* HostFixture
        const mounts = yield* Mounts
        const root = `${filesRoot}/read-only`
        const below = `${root}/below`
        yield* Effect.acquireRelease(
          mounts.mount({ source: "tmpfs", target: below, type: "tmpfs", options: ["rw"] }),
          () => Effect.ignore(mounts.unmount(below))
        )
        const withMode = (recursiveReadOnly: string) =>
          declare(
            "1",
            [{ name: "data", mountPath: "/data", readOnly: true, recursiveReadOnly }],
            [{ name: "data", hostPath: { path: root } }]
          )
        const write = inside("echo x > /data/below/x 2>/dev/null && echo writable || echo read-only")
        yield* started(withMode("Disabled"))
        assert.strictEqual(yield* write, "writable")
        const { docker } = yield* Vm
        const [major = 0, minor = 0] = isPodman
          ? []
          : (yield* docker("version", "--format", "{{.Server.APIVersion}}")).trim().split(".").map(Number)
        if (major > 1 || minor >= 44) {
          yield* started(withMode("Enabled"))
          assert.strictEqual(yield* write, "read-only")
          assert.deepStrictEqual((yield* started(withMode("Enabled"))).steps, [])
        } else {
          const before = yield* onlyRunning
          const failure = yield* Effect.flip(boot(withMode("Enabled")))
          assert.match(failure.message, /recursiveReadOnly: Enabled, but the engine .* has no such mounts/)
          assert.strictEqual((yield* onlyRunning).Id, before.Id)
        }
      }).pipe(Effect.scoped))
  })
})
