import { spawn } from "node:child_process"
import { once } from "node:events"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import { CommandRunner } from "../../../src/vm/host/CommandRunner.ts"
import { HostFiles } from "../../../src/vm/host/HostFiles.ts"
import { Lock } from "../../../src/vm/host/Lock.ts"
import { type Answer, fakeCommands } from "./FakeCommands.ts"

const path = "/run/slipway/lock"
const now = `flock --exclusive --no-fork --nonblock --conflict-exit-code 75 ${path} tee ${path}`
const later = `flock --exclusive --no-fork --wait 900 --conflict-exit-code 75 ${path} tee ${path}`
const common = {
  [`readlink -- ${path}`]: { exitCode: 1 },
  "mkdir -p -m 0700 -- /run/slipway": {},
  [`chmod 0600 -- ${path}`]: {}
}
const busy = { exitCode: 75 }

const withLock = (script: Readonly<Record<string, Answer | ReadonlyArray<Answer>>>) => {
  const commands = fakeCommands({ ...common, ...script })
  return { commands, layer: Lock.layer().pipe(Layer.provide(commands.layer)) }
}

const acquire = (told: Array<string> = [], limit: Duration.Duration = Duration.minutes(15)) =>
  Effect.flatMap(Lock, (lock) =>
    lock.acquire({ holder: "web since\n noon", limit, onWait: (holder) => Effect.sync(() => void told.push(holder)) })
  )

describe("Lock", () => {
  it.effect("writes its holder in one line, and waits for nobody where it is free", () => {
    const { commands, layer } = withLock({ [now]: "held" })
    const told: Array<string> = []
    return Effect.gen(function* () {
      yield* acquire(told)
      assert.deepStrictEqual(told, [])
      assert.strictEqual(commands.ran.find(({ program }) => program === "flock")?.stdin, "web since noon\n")
    }).pipe(Effect.provide(layer))
  })

  it.effect("tells who holds it, waits, and gets it", () => {
    const { commands, layer } = withLock({
      [now]: busy,
      [`cat -- ${path}`]: { stdout: "db since \u001b[31mten\n" },
      [later]: "held"
    })
    const told: Array<string> = []
    return Effect.gen(function* () {
      yield* acquire(told)
      assert.deepStrictEqual(told, ["db since [31mten"])
      assert.deepStrictEqual(
        commands.ran.map(({ program }) => program),
        ["readlink", "flock", "cat", "flock", "chmod"]
      )
    }).pipe(Effect.provide(layer))
  })

  it.effect("names the holder of the last moment when it gives up", () => {
    const { layer } = withLock({
      [now]: busy,
      [`cat -- ${path}`]: [{ stdout: "db\n" }, { stdout: "another\n" }],
      [later]: busy
    })
    return Effect.gen(function* () {
      const error = yield* Effect.flip(acquire())
      assert.strictEqual(error.message, `another run holds ${path} (another)`)
    }).pipe(Effect.provide(layer))
  })

  it.effect("goes on where the holder cannot be read", () => {
    const { layer } = withLock({ [now]: busy, [`cat -- ${path}`]: { exitCode: 1 } })
    const told: Array<string> = []
    return Effect.gen(function* () {
      const error = yield* Effect.flip(acquire(told, Duration.zero))
      assert.strictEqual(error._tag, "LockBusy")
      assert.deepStrictEqual(told, [""])
    }).pipe(Effect.provide(layer))
  })

  it.effect("fails with the program's words where it cannot be tried", () => {
    const { layer } = withLock({
      [now]: { exitCode: 66, stderr: "flock: cannot open lock file /run/slipway/lock: Read-only file system\n" }
    })
    return Effect.gen(function* () {
      const error = yield* Effect.flip(acquire())
      assert.strictEqual(error._tag, "LockFailed")
      assert.include(error.message, "Read-only file system")
    }).pipe(Effect.provide(layer))
  })
})

const source = (name: string) => new URL(`../../../src/vm/host/${name}.ts`, import.meta.url).href

describe("Lock, with this machine's flock", () => {
  const layerMachine = Layer.provideMerge(HostFiles.layer, CommandRunner.layer).pipe(
    Layer.provideMerge(NodeServices.layer)
  )

  it.live("is nobody's any more when its holder is killed", () =>
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const lockPath = `${yield* files.makeTempDirectoryScoped()}/run/lock`
      const program = `
        import * as Effect from "effect/Effect"
        import * as Layer from "effect/Layer"
        import * as Duration from "effect/Duration"
        import * as NodeServices from "@effect/platform-node/NodeServices"
        import { CommandRunner } from ${JSON.stringify(source("CommandRunner"))}
        import { HostFiles } from ${JSON.stringify(source("HostFiles"))}
        import { Lock } from ${JSON.stringify(source("Lock"))}
        const layer = Lock.layer(${JSON.stringify(lockPath)}).pipe(
          Layer.provideMerge(Layer.provideMerge(HostFiles.layer, CommandRunner.layer)), Layer.provide(NodeServices.layer))
        Effect.runFork(Effect.scoped(Effect.gen(function* () {
          const lock = yield* Lock
          yield* lock.acquire({ holder: "the killed", limit: Duration.zero, onWait: () => Effect.void })
          // tee echoes a line before it writes it into the file.
          const files = yield* HostFiles
          yield* Effect.repeat(files.read(${JSON.stringify(lockPath)}), { until: (text) => text._tag === "Some" && text.value !== "" })
          process.stdout.write("held")
          yield* Effect.never
        })).pipe(Effect.provide(layer)))
      `
      const holder = yield* Effect.acquireRelease(
        Effect.sync(() =>
          spawn(process.execPath, ["--input-type=module", "--eval", program], {
            cwd: new URL("../../..", import.meta.url),
            stdio: ["ignore", "pipe", "inherit"]
          })
        ),
        (holder) => Effect.sync(() => void holder.kill("SIGKILL"))
      )
      yield* Effect.promise(() => once(holder.stdout, "data"))
      const lock = yield* Effect.map(Lock, (lock) => lock.acquire).pipe(Effect.provide(Lock.layer(lockPath)))
      const told: Array<string> = []
      yield* Effect.scoped(
        Effect.andThen(
          lock({
            holder: "the heir",
            limit: Duration.minutes(10),
            onWait: (holding) =>
              Effect.sync(() => {
                told.push(holding)
                holder.kill("SIGKILL")
              })
          }),
          Effect.repeat(files.readFileString(lockPath), { until: (text) => text === "the heir\n" })
        )
      )
      assert.deepStrictEqual(told, ["the killed"])
      assert.strictEqual(Number((yield* files.stat(lockPath)).mode) & 0o777, 0o600)
      assert.strictEqual(Number((yield* files.stat(lockPath.replace(/\/lock$/, ""))).mode) & 0o777, 0o700)
    }).pipe(Effect.provide(layerMachine))
  )
})
