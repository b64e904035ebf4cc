import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as PlatformError from "effect/PlatformError"
import * as ChildProcess from "effect/process/ChildProcess"
import * as ChildProcessSpawner from "effect/process/ChildProcessSpawner"
import type * as Scope from "effect/Scope"
import * as Stream from "effect/Stream"
import type { Command, CommandResult } from "./Command.ts"
import { CommandError, OutputTooLong } from "./CommandError.ts"
import { hostNamespace, inNamespace, namespaceResult } from "./HostNamespace.ts"
import { endingSignal, notRun, notStarted } from "./ProcessFailure.ts"

/** Runs the host's programs: arguments in, output and exit code out. */
export class CommandRunner extends Context.Service<
  CommandRunner,
  {
    /**
     * Runs a command to its end. Output that is kept is bounded (8 MiB each for stdout and stderr): more is an error.
     * Interruption ends the program: SIGTERM, then SIGKILL after two seconds.
     */
    readonly run: (command: Command) => Effect.Effect<CommandResult, CommandError>
    /**
     * Starts a command that lives as long as the scope. It gets `stdin`, which then stays open. Succeeds with `none`
     * once it has printed its first line, with its result if it ended before that. Closing the scope closes the pipe,
     * then ends the program.
     */
    readonly hold: (command: Command) => Effect.Effect<Option.Option<CommandResult>, CommandError, Scope.Scope>
  }
>()("slipway/vm/CommandRunner") {
  /** Runs programs as children of this process, in the C locale so that their messages do not vary. */
  static readonly layer = Layer.effect(
    CommandRunner,
    Effect.gen(function* () {
      const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
      const path = yield* Config.String("PATH").pipe(Effect.orElseSucceed(() => ""))
      const env = { PATH: searchPath(path), LC_ALL: "C", LANG: "C", ...notForOthers }

      const spawn = (command: Command, stdin: ChildProcess.CommandInput) =>
        spawner
          .spawn(
            ChildProcess.make(command.program, command.args, {
              stdin,
              env: { ...env, ...command.env },
              extendEnv: true,
              forceKillAfter: "2 seconds"
            })
          )
          .pipe(
            Effect.mapError((error) => notRun(command, error)),
            // Node throws some system errors (E2BIG, ENOMEM), with the arguments in their message.
            Effect.catchDefect((defect) => Effect.fail(notStarted(command, defect)))
          )

      const runToEnd = Effect.fnUntraced(function* (command: Command) {
        const { stdin } = command
        const handle = yield* spawn(command, stdin === undefined ? "ignore" : Stream.make(bytesOf(stdin)))
        const { onStdout } = command
        const told = onStdout && Stream.drain(Stream.tap(handle.stdout, onStdout))
        return yield* awaitResult(command, handle, told ?? handle.stdout)
      }, Effect.scoped)

      return CommandRunner.of({
        run: Effect.fn("CommandRunner.run")(function* (command) {
          yield* Effect.annotateCurrentSpan("program", command.program)
          return yield* abandonable(runToEnd(command))
        }),
        hold: Effect.fn("CommandRunner.hold")(function* (command) {
          yield* Effect.annotateCurrentSpan("program", command.program)
          const input = Stream.make(bytesOf(command.stdin ?? ""))
          const handle = yield* spawn(command, Stream.concat(input, Stream.never))
          const spoken = yield* Deferred.make<void>()
          // The rest of its output is read and dropped, so that the program does not block.
          const output = handle.stdout.pipe(
            Stream.filter(() => !Deferred.isDoneUnsafe(spoken)),
            Stream.tap((chunk) => (chunk.includes(newline) ? Deferred.succeed(spoken, undefined) : Effect.void))
          )
          const ended = yield* Effect.forkScoped(awaitResult(command, handle, output))
          return yield* Effect.raceFirst(
            Effect.as(Deferred.await(spoken), Option.none<CommandResult>()),
            Effect.map(Fiber.join(ended), Option.some)
          )
        })
      })
    })
  )

  /**
   * Runs programs in the mount namespace of the host's init process, whose /proc is at `procPath`: mount, mkfs and
   * iptables are the host's own, and so are the files that they work on.
   */
  static readonly layerHost = (procPath: string) =>
    Layer.effect(
      CommandRunner,
      Effect.gen(function* () {
        const runner = yield* CommandRunner
        const namespace = hostNamespace(procPath)
        return CommandRunner.of({
          run: (command) =>
            Effect.flatMap(runner.run(inNamespace(namespace, command)), (result) =>
              Effect.fromResult(namespaceResult(command, result))
            ),
          hold: (command) =>
            Effect.flatMap(
              runner.hold(inNamespace(namespace, command)),
              Option.match({
                onNone: () => Effect.succeedNone,
                onSome: (result) => Effect.asSome(Effect.fromResult(namespaceResult(command, result)))
              })
            )
        })
      })
    )
}

/**
 * What the service manager wants of this process is none of its children's business. Source: sd_notify(3),
 * sd_watchdog_enabled(3).
 */
const notForOthers = { NOTIFY_SOCKET: undefined, WATCHDOG_PID: undefined, WATCHDOG_USEC: undefined }

const bytesOf = (stdin: string | Uint8Array): Uint8Array =>
  typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin
const newline = 0x0a

/** 8 MiB */
const outputLimitBytes = 8 * 1024 * 1024

/** PATH with the system directories appended: a unit's or a user's PATH may lack them. */
const searchPath = (path: string): string => {
  const directories = path.split(":").filter((directory) => directory !== "")
  return [...new Set([...directories, "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"])].join(":")
}

/** Reads both outputs concurrently, so that a full pipe cannot block the program, and waits for its end. */
const awaitResult = (
  command: Command,
  handle: ChildProcessSpawner.ChildProcessHandle,
  stdout: Stream.Stream<Uint8Array, PlatformError.PlatformError>
): Effect.Effect<CommandResult, CommandError> =>
  Effect.all(
    {
      exitCode: handle.exitCode.pipe(
        Effect.catch((error) =>
          Option.match(endingSignal(error), {
            onNone: () => Effect.fail(notRun(command, error)),
            onSome: (signal) => Effect.succeed(128 + signal)
          })
        )
      ),
      stdout: text(command, stdout),
      stderr: text(command, handle.stderr)
    },
    { concurrency: "unbounded" }
  )

const text = (command: Command, output: Stream.Stream<Uint8Array, PlatformError.PlatformError>) =>
  output.pipe(
    Stream.mapError((error) => notRun(command, error)),
    Stream.runFoldEffect(
      // A byte-order mark is part of the output.
      () => ({ decoder: new TextDecoder("utf-8", { ignoreBOM: true }), text: "", bytes: 0 }),
      (printed, chunk) => {
        const bytes = printed.bytes + chunk.length
        const { program, args } = command
        const reason = new OutputTooLong({ program, argumentCount: args.length, limitBytes: outputLimitBytes })
        return bytes > outputLimitBytes
          ? Effect.fail(new CommandError({ reason }))
          : Effect.succeed({
              decoder: printed.decoder,
              text: printed.text + printed.decoder.decode(chunk, { stream: true }),
              bytes
            })
      }
    ),
    Effect.map(({ decoder, text }) => text + decoder.decode())
  )

/**
 * Interruption waits for the program's end, normally two seconds at most, and gives up after five: a program that is
 * stuck in the kernel, as on a broken disk, survives even SIGKILL.
 */
const abandonable = <A, E>(effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(Effect.forkDetach(Effect.interruptible(effect)), (fiber) =>
      Effect.onInterrupt(restore(Fiber.join(fiber)), () =>
        // In a separate fiber: one that is being interrupted cannot time out.
        Effect.flatMap(Effect.forkDetach(Effect.timeoutOption(Fiber.interrupt(fiber), "5 seconds")), Fiber.await)
      )
    )
  )
