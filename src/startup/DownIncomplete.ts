import * as Arr from "effect/Array"
import * as Data from "effect/Data"
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
