import * as Arr from "effect/Array"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import type { FailedStep } from "../apply/apply.ts"
import { isActive } from "../observation/Observation.ts"
import { describe } from "../plan/describe.ts"
import type { DownReport } from "./DownReport.ts"

/** Something of ours could not be stopped or removed. Everything else was. */
export class DownIncomplete extends Data.TaggedError("DownIncomplete")<{
  readonly failures: ReadonlyArray<FailedStep>
  readonly report: DownReport
}> {
  get isRetryable() {
    return true
  }
  get heading() {
    return this.report.remove ? "not all that is ours could be removed:" : "not all that is ours could be stopped:"
  }
  get advice() {
    return "Run it again; what holds a process or a mount lets go with a restart of the engine or of the VM."
  }
  override get message() {
    const { remove, containers } = this.report
    const left = containers.flatMap(({ name, status }) =>
      status !== "gone" && isActive({ status })
        ? [`${name} still runs (${status})`]
        : remove && status !== "gone"
          ? [`${name} is still there (${status})`]
          : []
    )
    const failed = this.failures.map(({ step, error }) => {
      const [said = ""] = error.message.split("\n", 1)
      return `${describe(step.action)}: ${said}`
    })
    return Arr.dedupe([...failed, ...left]).join("\n")
  }
}

/** The time that there was has passed, and something may still run. */
export class DownTooLate extends Schema.TaggedError<DownTooLate>()("DownTooLate", {
  limit: Schema.Duration,
  /** Whether it had its turn: it waits for another run, and for an engine that does not answer. */
  hasBegun: Schema.Boolean
}) {
  get isRetryable() {
    return true
  }
  get advice() {
    return this.hasBegun
      ? "Allow it more time, or the containers a shorter terminationGracePeriodSeconds."
      : "What another run is about, `slipway status` says. Allow it more time, or end that run: by a signal, or a declaration that comes up."
  }
  override get message() {
    const limit = Duration.format(this.limit)
    return this.hasBegun
      ? `not everything had come to its end after ${limit}. What the engine was asked to stop it stops all the same`
      : `nothing was stopped within ${limit}: another run was under way, or the engine did not answer`
  }
}
