import * as DateTime from "effect/DateTime"
import * as Runtime from "effect/Runtime"
import * as Schema from "effect/Schema"
import { finalExitCodes } from "../text/finalExitCodes.ts"

/** The Pod was active for as long as it may be, and its containers have been stopped. */
export class DeadlineExceeded extends Schema.TaggedError<DeadlineExceeded>()("DeadlineExceeded", {
  /** `activeDeadlineSeconds` */
  seconds: Schema.Int,
  /** When its time began, and when it was stopped, in milliseconds since the epoch by the host's wall clock. */
  began: Schema.Finite,
  stopped: Schema.Finite
}) {
  get advice() {
    return "Start it again with `slipway up --retry`, which gives it its time anew. So does a change of what is declared, other than of comments and order, and the next boot."
  }
  override get [Runtime.errorExitCode]() {
    return finalExitCodes.jobFailed
  }
  override get message() {
    const at = (millis: number) => DateTime.formatIso(DateTime.makeUnsafe(millis))
    return (
      `the Pod was active for longer than its activeDeadlineSeconds (${this.seconds}): its time began at ` +
      `${at(this.began)}, and its containers were stopped at ${at(this.stopped)}`
    )
  }
}
