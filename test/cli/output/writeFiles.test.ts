import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { writeFiles } from "../../../src/cli/output/writeFiles.ts"

const inFolder = (use: (folder: string) => Effect.Effect<void, unknown, NodeServices.NodeServices>) =>
  Effect.acquireUseRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "slipway-output-"))),
    use,
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
  ).pipe(Effect.provide(NodeServices.layer))

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)
const file = (name: string, more: object) => ({ name, text: Redacted.make("of the file"), isSecret: true, ...more })

describe("files that are written", () => {
  it.live("are for nobody else where they hold secrets, whatever was there before", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        const out = join(folder, "a/b")
        yield* writeFiles(out, [])
        writeFileSync(join(out, "open"), "before")
        chmodSync(join(out, "open"), 0o666)
        symlinkSync(join(folder, "elsewhere"), join(out, "link"))
        const paths = yield* writeFiles(out, [
          file("open", {}),
          file("link", {}),
          file("script", { isExecutable: true }),
          file("plain", { isSecret: false })
        ])
        assert.deepEqual(
          paths,
          ["open", "link", "script", "plain"].map((name) => join(out, name))
        )
        for (const path of paths) assert.strictEqual(readFileSync(path, "utf8"), "of the file")
        assert.deepEqual(paths.slice(0, 3).map(modeOf), ["600", "600", "700"])
        assert.isFalse(existsSync(join(folder, "elsewhere")))
      })
    )
  )

  it.live("that cannot be written are an error that names them, and shows nothing of them", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        writeFileSync(join(folder, "file"), "")
        const error = yield* Effect.flip(writeFiles(join(folder, "file"), [file("x", {})]))
        assert.include((error as Error).message, `${join(folder, "file")} cannot be written: `)
        assert.notInclude(JSON.stringify(error), "of the file")
      })
    )
  )

  it.live.each([
    ["/proc/nope", "/proc/nope", "nothing can be made there"],
    ["/proc/nope/below", "/proc/nope", "nothing can be made there"],
    ["dangling", "dangling", "it is a symbolic link that leads nowhere"],
    ["dangling/below", "dangling", "it is a symbolic link that leads nowhere"],
    ["circle/below", "circle/below", "its symbolic links lead in a circle"],
    ["file/below", "file/below", "a file is in the way"],
    ["x".repeat(300), "x".repeat(300), "its name is too long"]
  ])("cannot be in the folder %s", ([given = "", path = "", detail]) =>
    inFolder((folder) =>
      Effect.gen(function* () {
        writeFileSync(join(folder, "file"), "")
        symlinkSync(join(folder, "nowhere"), join(folder, "dangling"))
        symlinkSync(join(folder, "circle"), join(folder, "circle"))
        const error = yield* Effect.flip(writeFiles(resolve(folder, given), [file("x", {})]))
        assert.strictEqual((error as Error).message, `${resolve(folder, path)} cannot be written: ${detail}`)
      })
    )
  )

  it.live("may be in a folder that a symbolic link leads to", () =>
    inFolder((folder) =>
      Effect.gen(function* () {
        mkdirSync(join(folder, "real"))
        symlinkSync(join(folder, "real"), join(folder, "link"))
        yield* writeFiles(join(folder, "link/below"), [file("x", {})])
        assert.isTrue(existsSync(join(folder, "real/below/x")))
      })
    )
  )
})
