import * as Data from "effect/Data"
import type { Aftermath } from "../../progress/Aftermath.ts"
import type { Failure } from "./Failure.ts"

/** A run that failed, and what that leaves. */
export class RunFailed extends Data.TaggedError("RunFailed")<{
  readonly error: Failure
  readonly aftermath: Aftermath
}> {
  override get message() {
    return this.error.message
  }
}
