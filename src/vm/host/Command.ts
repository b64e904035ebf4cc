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
