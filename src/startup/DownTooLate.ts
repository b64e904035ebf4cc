import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import { isActive } from "../observation/Observation.ts"
import type { Step } from "../plan/Step.ts"
import type { DownReport, UndoneStep } from "./DownReport.ts"

/** The time that there was has passed, and something still runs, or is still there. */
export class DownTooLate extends Data.TaggedError("DownTooLate")<{
  readonly limit: Duration.Duration
  /** What it waited for before it had its turn; undefined: it had. */
  readonly waitedFor: "the engine" | "another run" | undefined
  /** The ids of the containers that the engine was asked to stop; their preStop hooks were through. */
  readonly askedToStop: ReadonlySet<string>
  /** The steps that were not done. Empty: the engine had not told yet what there is. */
  readonly undone: ReadonlyArray<Step>
  /** Why, of those that had failed by then, by their ids. */
  readonly failed: ReadonlyMap<string, string>
  /** What it had come to by then. */
  readonly report: DownReport
}> {
  get isRetryable() {
    return true
  }
  /** What was not done, and why. */
  get failures(): ReadonlyArray<UndoneStep> {
    return this.undone.map((step) => ({
      step,
      error: { _tag: this._tag, message: this.failed.get(step.id) ?? this.#whyNot(step) }
    }))
  }
  /** The names of the containers that still ran, and that the engine was asked to stop. */
  get stopping(): ReadonlyArray<string> {
    return this.#active.flatMap(({ id, name }) => (this.askedToStop.has(id) ? [name] : []))
  }
  /** The names of the containers that still ran, and that nobody has asked the engine to stop. */
  get runsOn(): ReadonlyArray<string> {
    return this.#active.flatMap(({ id, name }) => (this.askedToStop.has(id) ? [] : [name]))
  }
  get advice() {
    if (this.waitedFor === "another run") {
      return "What another run is about, `slipway status` says. Allow it more time, or end that run by a signal."
    }
    if (this.undone.length === 0) return "Run `slipway down` again once the engine answers."
    return "Run `slipway down` again, which does what is left. Allow it more time, or the containers a shorter terminationGracePeriodSeconds."
  }
  /** In one line, as it is what the status says of the run. */
  override get message() {
    const limit = Duration.format(this.limit)
    if (this.waitedFor === "another run") return `nothing was stopped within ${limit}: another run was under way`
    if (this.undone.length === 0) return `nothing was stopped within ${limit}: the engine did not answer`
    const { stopping, runsOn } = this
    return [
      `not everything had come to its end after ${limit}`,
      ...(stopping.length === 0
        ? []
        : [
            `The engine was asked to stop ${stopping.join(", ")}, and stops ${stopping.length === 1 ? "it" : "them"} all the same`
          ]),
      ...(runsOn.length === 0
        ? []
        : [
            `${runsOn.join(", ")} ${runsOn.length === 1 ? "was not asked to stop, and runs on" : "were not asked to stop, and run on"}`
          ])
    ].join(". ")
  }
  #whyNot({ action }: Step): string {
    if (action._tag !== "Stop") return "there was no time left for it"
    const { id, name } = action.container
    return this.askedToStop.has(id)
      ? `the engine was asked to stop ${name}, and stops it all the same`
      : `${name} was not asked to stop, and runs on`
  }
  get #active() {
    return this.report.containers.filter(({ status }) => status !== "gone" && isActive({ status }))
  }
}
