import type * as Runtime from "effect/Runtime"

/** An error as an operator reads it. */
export interface Failure {
  readonly _tag: string
  readonly message: string
  /** Above the message, where that lists problems and does not say what they are about. */
  readonly heading?: string
  /** What to do about it. */
  readonly advice?: string | undefined
  /** Of a container that failed, what it left in its `terminationMessagePath`. */
  readonly terminationMessage?: string | undefined
  /** Of a container whose postStart hook failed, what that wrote at last. */
  readonly hookLines?: ReadonlyArray<string>
  /** Of a container that failed, its last log lines, oldest first. */
  readonly lastLogLines?: ReadonlyArray<string>
  /** Where another run would end in the same way. */
  readonly [Runtime.errorExitCode]?: number
}
