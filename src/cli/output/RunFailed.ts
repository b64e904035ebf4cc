import * as Data from "effect/Data"
import * as Runtime from "effect/Runtime"
import type { Aftermath } from "../../progress/Aftermath.ts"
import type { Failure } from "./Failure.ts"

/** A run that failed, and what the VM is left with. */
export class RunFailed extends Data.TaggedError("RunFailed")<{
  readonly error: Failure
  readonly aftermath: Aftermath
}> {
  override get [Runtime.errorExitCode]() {
    return Runtime.getErrorExitCode(this.error)
  }
  override get message() {
    return this.error.message
  }
}
