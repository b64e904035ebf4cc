import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as PlatformError from "effect/PlatformError"
import type * as ChildProcess from "effect/process/ChildProcess"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import * as Sink from "effect/Sink"
import * as Stream from "effect/Stream"
import { TestClock } from "effect/testing"
import { CommandRunner } from "../../../src/vm/host/CommandRunner.ts"

const secret = "hunter2"

const layerPath = (path: string) => ConfigProvider.layer(ConfigProvider.fromEnvRecord({ PATH: path }))

/** Runs programs of this machine, looked for in directories that everybody may read. */
const layerReal = CommandRunner.layer.pipe(Layer.provide(NodeServices.layer), Layer.provide(layerPath("/usr/bin:/bin")))

const run = (program: string, args: ReadonlyArray<string>, stdin?: string) =>
  Effect.flatMap(CommandRunner, (runner) => runner.run({ program, args, stdin }))

const encode = (text: string) => new TextEncoder().encode(text)

/** A spawner that takes one command, which it hands on, and starts what is given. */
const layerSpawning = (
  process: Partial<ChildProcessSpawner.ChildProcessHandle>,
  spawned: (command: ChildProcess.StandardCommand) => Effect.Effect<void, PlatformError.PlatformError> = () =>
    Effect.void,
  release: Effect.Effect<void> = Effect.void
) => {
  const unused = Effect.die(new Error("not to be called"))
  const handle = ChildProcessSpawner.makeHandle({
    pid: ChildProcessSpawner.ProcessId(1),
    exitCode: Effect.succeed(ChildProcessSpawner.ExitCode(0)),
    isRunning: unused,
    kill: () => unused,
    stdin: Sink.drain,
    stdout: Stream.empty,
    stderr: Stream.empty,
    all: Stream.die(new Error("not to be read")),
    getInputFd: () => Sink.drain,
    getOutputFd: () => Stream.empty,
    unref: unused,
    ...process
  })
  const spawner = ChildProcessSpawner.make((command) =>
    command._tag === "StandardCommand"
      ? Effect.acquireRelease(Effect.as(spawned(command), handle), () => release)
      : Effect.die(new Error("a pipeline"))
  )
  return CommandRunner.layer.pipe(
    Layer.provide(
      Layer.merge(Layer.succeed(ChildProcessSpawner.ChildProcessSpawner, spawner), FileSystem.layerNoop({}))
    )
  )
}

describe("CommandRunner.run", () => {
  it.effect("gives output and exit code as they are", () =>
    Effect.gen(function* () {
      const result = yield* run("sh", ["-c", "cat; printf '\\357\\273\\277$HOME *' ; echo oops >&2; exit 3"], "in ü\n")
      assert.deepStrictEqual(result, { exitCode: 3, stdout: "in ü\n\ufeff$HOME *", stderr: "oops\n" })
    }).pipe(Effect.provide(layerReal))
  )

  it.effect("hands over arguments word for word", () =>
    Effect.gen(function* () {
      const args = ["%s|", "a b", "$HOME", "*", "'", "", "ü\n"]
      assert.strictEqual((yield* run("printf", args)).stdout, "a b|$HOME|*|'||ü\n|")
    }).pipe(Effect.provide(layerReal))
  )

  it.effect("gives the end by a signal as the shell does", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* run("sh", ["-c", "kill -KILL $$"])).exitCode, 137)
      assert.strictEqual((yield* run("sh", ["-c", "kill -TERM $$"])).exitCode, 143)
    }).pipe(Effect.provide(layerReal))
  )

  it.effect("takes input that the program does not read, and gives none where there is none", () =>
    Effect.gen(function* () {
      assert.strictEqual((yield* run("true", [], "x".repeat(1_000_000))).exitCode, 0)
      assert.strictEqual((yield* run("cat", [])).stdout, "")
    }).pipe(Effect.provide(layerReal))
  )

  it.effect("passes much through a program that reads and writes at once", () =>
    Effect.gen(function* () {
      const text = `${"0123456789abcdef".repeat(4096)}\n`.repeat(16)
      const script = 'while read -r line; do echo "$line"; echo "$line" >&2; done'
      const { stdout, stderr } = yield* run("sh", ["-c", script], text)
      assert.isTrue(stdout === text && stderr === text)
    }).pipe(Effect.provide(layerReal))
  )

  it.effect("speaks the C locale, and finds the system's programs whatever the PATH", () =>
    Effect.gen(function* () {
      const { stdout } = yield* run("env", [])
      assert.match(stdout, /^LC_ALL=C$/m)
      assert.match(stdout, /^LANG=C$/m)
      assert.match(stdout, /^PATH=\/opt\/nowhere:\/usr\/sbin:\/usr\/local\/sbin:\/sbin:\/usr\/bin:\/bin$/m)
    }).pipe(
      Effect.provide(
        CommandRunner.layer.pipe(Layer.provide(NodeServices.layer), Layer.provide(layerPath("/opt/nowhere:/usr/sbin")))
      )
    )
  )

  it.effect("tells no program what the service manager wants of us, and gives one the variables that are for it", () =>
    Effect.gen(function* () {
      const ours = { NOTIFY_SOCKET: "/run/ours", WATCHDOG_PID: "1", WATCHDOG_USEC: "1000" }
      yield* Effect.acquireRelease(
        Effect.sync(() => Object.assign(process.env, ours)),
        () => Effect.sync(() => Object.keys(ours).forEach((name) => delete process.env[name]))
      )
      const runner = yield* CommandRunner
      const { stdout: plain } = yield* runner.run({ program: "env", args: [] })
      assert.notMatch(plain, /NOTIFY_SOCKET|WATCHDOG/)
      const { stdout } = yield* runner.run({ program: "env", args: [], env: { NOTIFY_SOCKET: "@its" } })
      assert.match(stdout, /^NOTIFY_SOCKET=@its$/m)
      assert.notMatch(stdout, /WATCHDOG/)
    }).pipe(Effect.provide(layerReal))
  )

  it.effect("bounds what is printed", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(run("head", ["-c", "8388609", "/dev/zero"]))
      assert.strictEqual(error.reason._tag, "OutputTooLong")
      const stderr = yield* Effect.flip(run("sh", ["-c", "yes >&2"]))
      assert.strictEqual(stderr.reason._tag, "OutputTooLong")
      assert.strictEqual((yield* run("head", ["-c", "8388608", "/dev/zero"])).stdout.length, 8_388_608)
    }).pipe(Effect.provide(layerReal))
  )

  it.effect("fails for a program that is not there, without its arguments and input", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(run("slipway-no-such-program", [secret, "x"], secret))
      assert.strictEqual(error.reason._tag, "ProgramMissing")
      assert.strictEqual(error.reason.argumentCount, 2)
      assert.strictEqual(error.message, 'the program "slipway-no-such-program" is not installed, or not on the PATH')
      assert.notInclude(JSON.stringify(error) + String(error.stack), secret)
    }).pipe(Effect.provide(layerReal))
  )

  it.effect("fails for one that cannot be started, without its arguments and input", () =>
    Effect.gen(function* () {
      for (const error of [
        yield* Effect.flip(run("/etc/passwd", [secret], secret)),
        yield* Effect.flip(run("true", [`${secret}\0`])),
        yield* Effect.flip(run("true", [secret.repeat(1_000_000)]))
      ]) {
        assert.strictEqual(error.reason._tag, "ProgramFailed")
        assert.notInclude(JSON.stringify(error) + String(error.stack) + error.message, secret)
      }
    }).pipe(Effect.provide(layerReal))
  )

  it.effect("ends the program when it is interrupted, also one that takes no SIGTERM", () =>
    Effect.gen(function* () {
      const runner = yield* CommandRunner
      const files = yield* FileSystem.FileSystem
      const directory = yield* files.makeTempDirectoryScoped()
      const pid = `${directory}/pid`
      const script = `trap '' TERM; echo $$ > ${pid}.new; mv ${pid}.new ${pid}; exec tail -f /dev/null`
      const started = Effect.repeat(files.exists(pid), { until: (there) => there })
      yield* Effect.raceFirst(started, runner.run({ program: "sh", args: ["-c", script] }))
      const process = (yield* files.readFileString(pid)).trim()
      assert.isFalse(yield* files.exists(`/proc/${process}`))
    }).pipe(Effect.provide(Layer.merge(layerReal, NodeServices.layer)))
  )

  it.effect("asks for two seconds of patience, and gives the environment on", () => {
    const commands: Array<ChildProcess.StandardCommand> = []
    const layer = layerSpawning({}, (command) => Effect.sync(() => void commands.push(command)))
    return Effect.gen(function* () {
      yield* run("mount", ["-t", "ext4"])
      const [command] = commands
      assert.strictEqual(command?.command, "mount")
      assert.deepStrictEqual(command?.args, ["-t", "ext4"])
      assert.strictEqual(command?.options.forceKillAfter, "2 seconds")
      assert.strictEqual(command?.options.extendEnv, true)
      assert.isUndefined(command?.options.shell)
    }).pipe(Effect.provide(layer))
  })

  it.effect("puts characters together that came in pieces", () => {
    const bytes = encode("aü🚢")
    const pieces = Stream.fromIterable(Array.from(bytes, (byte) => Uint8Array.of(byte)))
    return Effect.gen(function* () {
      assert.strictEqual((yield* run("any", [])).stdout, "aü🚢")
    }).pipe(Effect.provide(layerSpawning({ stdout: pieces })))
  })

  it.effect("a pipe that breaks is an error, without what the system quotes of the command", () => {
    const error = PlatformError.systemError({
      _tag: "Unknown",
      module: "ChildProcess",
      method: "fromReadable(stdout)",
      pathOrDescriptor: `any ${secret}`,
      cause: Object.assign(new Error(`read ${secret}`), { code: "EIO" })
    })
    return Effect.gen(function* () {
      const failure = yield* Effect.flip(run("any", [secret]))
      assert.strictEqual(failure.message, 'the program "any" could not be run: EIO')
      assert.notInclude(JSON.stringify(failure), secret)
    }).pipe(Effect.provide(layerSpawning({ stdout: Stream.fail(error) })))
  })

  it.effect("gives up after five seconds on a program that does not even end when it is killed", () =>
    Effect.gen(function* () {
      const runs = yield* Deferred.make<void>()
      const layer = layerSpawning(
        { exitCode: Effect.never },
        () => Effect.asVoid(Deferred.succeed(runs, undefined)),
        Effect.never
      )
      const fiber = yield* Effect.forkChild(Effect.provide(run("fsck.ext4", []), layer))
      yield* Deferred.await(runs)
      const interruption = yield* Effect.forkChild(Fiber.interrupt(fiber))
      yield* TestClock.adjust("4 seconds")
      assert.isUndefined(interruption.pollUnsafe())
      yield* TestClock.adjust("1 second")
      yield* Fiber.join(interruption)
    })
  )
})

describe("CommandRunner.hold", () => {
  it.effect("is held from the program's first line on, its input open until the scope closes", () =>
    Effect.gen(function* () {
      const runner = yield* CommandRunner
      const files = yield* FileSystem.FileSystem
      const directory = yield* files.makeTempDirectoryScoped()
      const script = `echo $$ > ${directory}/pid; exec cat`
      yield* Effect.scoped(
        Effect.gen(function* () {
          const ended = yield* runner.hold({ program: "sh", args: ["-c", script], stdin: "holder\n" })
          assert.deepStrictEqual(ended, Option.none())
          const pid = (yield* files.readFileString(`${directory}/pid`)).trim()
          assert.isTrue(yield* files.exists(`/proc/${pid}`))
        })
      )
      const pid = (yield* files.readFileString(`${directory}/pid`)).trim()
      assert.isFalse(yield* files.exists(`/proc/${pid}`))
    }).pipe(Effect.provide(Layer.merge(layerReal, NodeServices.layer)))
  )

  it.effect("gives the result of a program that ends before it has said anything", () =>
    Effect.gen(function* () {
      const runner = yield* CommandRunner
      const ended = yield* runner.hold({ program: "sh", args: ["-c", "echo no >&2; exit 75"] })
      assert.deepStrictEqual(ended, Option.some({ exitCode: 75, stdout: "", stderr: "no\n" }))
      const error = yield* Effect.flip(runner.hold({ program: "slipway-no-such-program", args: [secret] }))
      assert.strictEqual(error.reason._tag, "ProgramMissing")
    }).pipe(Effect.provide(layerReal))
  )
})
