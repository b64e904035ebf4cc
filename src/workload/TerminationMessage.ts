/** The last words of a container, which it leaves in a file. */
export interface TerminationMessage {
  /** In the container: absolute, and not its root. */
  readonly path: string
  readonly policy: TerminationMessagePolicy
}

/** What counts: the file alone, or the last of the log if a container has failed without a word in the file. */
export type TerminationMessagePolicy = "File" | "FallbackToLogsOnError"
