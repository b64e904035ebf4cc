import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Queue from "effect/Queue"
import * as Stream from "effect/Stream"
import { fileChanges } from "../../../src/cli/settings/fileChanges.ts"

const directory = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "slipway-changes-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

describe("fileChanges", () => {
  it.live.each([
    ["it is written", (file: string) => writeFileSync(file, "two")],
    [
      "another is put in its place",
      (file: string) => {
        writeFileSync(`${file}.new`, "three")
        renameSync(`${file}.new`, file)
      }
    ],
    ["it is removed", (file: string) => rmSync(file)]
  ] as const)("emits once the file is watched, and when %s", ([, change]) =>
    Effect.gen(function* () {
      const file = join(yield* directory, "pod.yaml")
      writeFileSync(file, "one")
      const seen = yield* Queue.unbounded<void>()
      const changes = yield* fileChanges(file)
      yield* Effect.forkScoped(Stream.runForEach(changes, () => Queue.offer(seen, undefined)))
      yield* Queue.take(seen)
      yield* Effect.sync(() => change(file))
      yield* Queue.take(seen)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )

  it.live("ends where there is nothing to watch, after its first emission at most", () =>
    Effect.gen(function* () {
      const changes = yield* fileChanges(join(yield* directory, "missing", "pod.yaml"))
      assert.isAtMost((yield* Stream.runCollect(changes)).length, 1)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))
  )
})
