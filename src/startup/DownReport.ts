import type * as Duration from "effect/Duration"
import type { StepRecord } from "../apply/apply.ts"
import type { DownContainer } from "../plan/planDown.ts"
import type { Step } from "../plan/Step.ts"

/** What `down` came to. */
export interface DownReport {
  /** The containers that were ours, in the order in which they were stopped. Empty: there were none. */
  readonly containers: ReadonlyArray<DownedContainer>
  /** Whether they, and what was made for them, were to be removed. */
  readonly remove: boolean
  /** In the order in which they ended. Empty: there was nothing to do. */
  readonly steps: ReadonlyArray<StepRecord>
  readonly warnings: ReadonlyArray<string>
  readonly took: Duration.Duration
}

/** What became of one of our containers. */
export interface DownedContainer extends Pick<
  DownContainer,
  "id" | "name" | "container" | "role" | "image" | "isStopped" | "isToReturn"
> {
  /** As the engine lists it in the end; `gone` where it does not. */
  readonly status: DownContainer["status"] | "gone"
  /** With which it has ended, if it is there and the engine tells. */
  readonly exitCode: number | undefined
}

/** A step of `down` that was not done. */
export interface UndoneStep {
  readonly step: Step
  readonly error: { readonly _tag: string; readonly message: string }
}
