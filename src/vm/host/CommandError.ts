import * as Schema from "effect/Schema"

/**
 * What an error tells of a command: the program and the number of its arguments. The arguments themselves may be
 * secrets and are left out.
 */
const fields = { program: Schema.String, argumentCount: Schema.Int }

/** The program is not installed, or not on the PATH. */
export class ProgramMissing extends Schema.TaggedError<ProgramMissing>()("ProgramMissing", fields) {
  get isRetryable() {
    return false
  }
  get advice() {
    return "Install it, or run where it is installed."
  }
  override get message() {
    return `the program "${this.program}" is not installed, or not on the PATH`
  }
}

/** The program could not be started, or its pipes broke. `detail` is the operating system's message. */
export class ProgramFailed extends Schema.TaggedError<ProgramFailed>()("ProgramFailed", {
  ...fields,
  detail: Schema.String
}) {
  get isRetryable() {
    return true
  }
  override get message() {
    return `the program "${this.program}" could not be run: ${this.detail}`
  }
}

/** The program printed more than the bound. */
export class OutputTooLong extends Schema.TaggedError<OutputTooLong>()("OutputTooLong", {
  ...fields,
  limitBytes: Schema.Int
}) {
  get isRetryable() {
    return false
  }
  override get message() {
    return `the program "${this.program}" printed more than ${this.limitBytes} bytes`
  }
}

/** A command that could not be run to its end. */
export class CommandError extends Schema.TaggedError<CommandError>()("CommandError", {
  reason: Schema.Union([ProgramMissing, ProgramFailed, OutputTooLong])
}) {
  get isRetryable() {
    return this.reason.isRetryable
  }
  get advice(): string | undefined {
    return "advice" in this.reason ? this.reason.advice : undefined
  }
  override get message() {
    return this.reason.message
  }
}
