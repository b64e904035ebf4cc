import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { CommandError } from "./CommandError.ts"

/** A program and its arguments. Nothing passes through a shell. */
export interface Command {
  readonly program: string
  readonly args: ReadonlyArray<string>
  /** Written to the program's standard input, which is then closed. Nothing where absent. */
  readonly stdin?: string | undefined
}

/** What a program that ran to its end left behind. A non-zero exit code is data, not an error. */
export interface CommandResult {
  /** 128 + the signal's number where a signal ended it. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the host's programs: argument list in, output and exit code out. */
export class CommandRunner extends Context.Service<
  CommandRunner,
  {
    /**
     * Runs a command to its end. Output is bounded (8 MiB each for stdout and stderr): more is an error.
     * Interruption ends the program: SIGTERM, then SIGKILL after two seconds.
     */
    readonly run: (command: Command) => Effect.Effect<CommandResult, CommandError>
    /**
     * Starts a command that is to live as long as the scope. Its stdin gets the command's `stdin` and stays open;
     * `none` as soon as it has printed its first line, `some` with its result if it ended before that.
     * Closing the scope closes the pipe, then ends the program.
     */
    readonly hold: (command: Command) => Effect.Effect<Option.Option<CommandResult>, CommandError, Scope.Scope>
  }
>()("slipway/vm/CommandRunner") {}
