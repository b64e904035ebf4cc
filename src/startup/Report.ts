import type { NonEmptyReadonlyArray } from "effect/Array"
import type * as Duration from "effect/Duration"
import type * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type { StepRecord } from "../apply/apply.ts"
import type { PlannedContainer } from "../plan/Plan.ts"
import type { Workload } from "../workload/Workload.ts"
import type { ContainerInspection, ContainerSummary } from "../vm/engine/Inspection.ts"

/** What a run came to. */
export type Report =
  /** The VM has no declaration: there was nothing to do. */
  | { readonly _tag: "NothingDeclared" }
  /** `down` has stopped everything, and nobody has asked for it since: it was left as it is. */
  | { readonly _tag: "LeftDown" }
  /** A `down` waited for it, and stops what runs. */
  | { readonly _tag: "GaveWay" }
  | {
      readonly _tag: "Running"
      /** What was declared, with every value known, secrets included. */
      readonly workload: Redacted.Redacted<Workload>
      /** The workload's containers in the order in which they start, init containers that are there included. */
      readonly containers: NonEmptyReadonlyArray<ReportedContainer>
      /** In the order in which they ended. */
      readonly steps: ReadonlyArray<StepRecord>
      /** Why what runs may not be what is declared now: a cached image, a last good declaration. Empty as a rule. */
      readonly degraded: ReadonlyArray<string>
      readonly warnings: ReadonlyArray<string>
      readonly took: Duration.Duration
    }

/** What became of one of the workload's containers. */
export interface ReportedContainer extends Pick<PlannedContainer, "container" | "role" | "name" | "image"> {
  /** The manifest digest that the image reference stood for; `none` where the registry could not be asked. */
  readonly digest: Option.Option<string>
  /** It had been there already, as declared. */
  readonly kept: boolean
  /** As it was found at the end, whatever somebody has renamed it to; `none` where it had been removed by then, or cannot be inspected. */
  readonly found: Option.Option<ContainerInspection>
  /** As far as the engine tells it; `gone` where it had been removed by then. */
  readonly status: ContainerSummary["status"] | "gone"
  /** When it was last started, by the host's wall clock in milliseconds since the epoch; `none` where that is not known. */
  readonly since: Option.Option<number>
  /** What one that has ended left in its `terminationMessagePath`. */
  readonly terminationMessage?: string
}
