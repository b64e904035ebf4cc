import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { CommandRunner } from "../../../src/vm/host/CommandRunner.ts"
import { HostFiles } from "../../../src/vm/host/HostFiles.ts"
import { fakeCommands } from "./FakeCommands.ts"

const layers: Readonly<Record<string, Layer.Layer<HostFiles, never, NodeServices.NodeServices>>> = {
  "of our own": HostFiles.layer.pipe(Layer.provide(CommandRunner.layer)),
  "by the host's programs": HostFiles.layerCommands.pipe(Layer.provide(CommandRunner.layer))
}

for (const [name, layer] of Object.entries(layers)) {
  describe(`files ${name}`, () => {
    const test = (
      title: string,
      body: (root: string) => Effect.Effect<void, unknown, HostFiles | FileSystem.FileSystem>
    ) =>
      it.live(title, () =>
        Effect.scoped(
          Effect.gen(function* () {
            const files = yield* FileSystem.FileSystem
            yield* Effect.provide(body(yield* files.makeTempDirectoryScoped()), layer)
          })
        ).pipe(Effect.provide(NodeServices.layer))
      )

    test("have their modes, whatever the process masks, and so has a directory that is made for them", (root) =>
      Effect.gen(function* () {
        const files = yield* HostFiles
        const system = yield* FileSystem.FileSystem
        const modeOf = (path: string) => Effect.map(system.stat(path), ({ mode }) => (mode & 0o777).toString(8))
        const secret = `${root}/made/closed/secret`
        const before = process.umask(0o027)
        yield* Effect.gen(function* () {
          yield* files.write(secret, "x", { mode: "0600", directoryMode: "0700" })
          assert.strictEqual(yield* modeOf(secret), "600")
          assert.strictEqual(yield* modeOf(`${root}/made/closed`), "700")
          assert.strictEqual(yield* modeOf(`${root}/made`), "750")
          yield* files.setMode(secret, "0644")
          assert.strictEqual(yield* modeOf(secret), "644")
          yield* files.write(secret, "y", { mode: "0755", isSynced: true })
          assert.strictEqual(yield* modeOf(secret), "755")
        }).pipe(Effect.ensuring(Effect.sync(() => process.umask(before))))
      }))

    test("tell what stands in the way, and not the text", (root) =>
      Effect.gen(function* () {
        const files = yield* HostFiles
        yield* files.write(`${root}/file`, "", { mode: "0600" })
        for (const [said, failing] of [
          [/^write .*\/file\/in: .*not a directory/i, files.write(`${root}/file/in`, "secret", { mode: "0600" })],
          [/^read .*: .*(is a directory|EISDIR)/i, files.read(root)],
          [/^set mode of .*\/none: .*no such file/i, files.setMode(`${root}/none`, "0600")]
        ] as const) {
          const error = yield* Effect.flip<unknown, { readonly message: string }, never>(failing)
          assert.match(error.message, said)
          assert.notInclude(error.message, "secret")
        }
      }))
  })
}

describe("files by the host's programs", () => {
  it.effect("are gone from the error, whatever the program repeats of them", () => {
    const commands = fakeCommands({
      "install -m 0600 -T -- /dev/null /x.new": {},
      "tee -- /x.new": { exitCode: 1, stdout: "secret", stderr: "" },
      "cat -- /y": { exitCode: 1, stdout: "secret" },
      "cat -- /z": { exitCode: 1, stderr: "cat: /z: No such file or directory\n" }
    })
    return Effect.gen(function* () {
      const files = yield* HostFiles
      const error = yield* Effect.flip(files.write("/x", "secret", { mode: "0600" }))
      assert.strictEqual(error.message, "write /x: tee: exit code 1")
      assert.strictEqual((yield* Effect.flip(files.read("/y"))).message, "read /y: cat: exit code 1")
      assert.deepStrictEqual(yield* files.read("/z"), Option.none())
    }).pipe(Effect.provide(commands.layer))
  })
})
