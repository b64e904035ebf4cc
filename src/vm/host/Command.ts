import type * as Effect from "effect/Effect"

/** A program and its arguments. No shell is involved. */
export interface Command {
  readonly program: string
  readonly args: ReadonlyArray<string>
  /** Variables of its environment, besides those of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Written to the program's stdin, which is then closed. Empty by default. */
  readonly stdin?: string | Uint8Array | undefined
  /** Given each piece of stdout as it comes, which then is not kept and has no bound: what a long run tells of itself. */
  readonly onStdout?: ((bytes: Uint8Array) => Effect.Effect<void>) | undefined
}

/** The result of a program that ran to its end. A non-zero exit code is data, not an error. */
export interface CommandResult {
  /** 128 plus the signal's number if a signal ended it. */
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}
