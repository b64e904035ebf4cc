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
  /** Whether the engine has said in the end what there is. Otherwise the report has it as it was found, and done. */
  readonly isSeen: boolean
}> {
  get isRetryable() {
    return true
  }
  get heading() {
    return this.report.remove ? "not all that is ours could be removed:" : "not all that is ours could be stopped:"
  }
  get advice() {
    if (!this.isSeen) return "Run it again once the engine answers."
    return "Run it again; what holds a process or a mount lets go with a restart of the engine or of the VM."
  }
  override get message() {
    const { remove, containers } = this.report
    const left = containers.flatMap(({ name, status }) =>
      status !== "gone" && isActive({ status })
        ? [this.isSeen ? `${name} still runs (${status})` : `${name} may still run: the engine does not say`]
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
