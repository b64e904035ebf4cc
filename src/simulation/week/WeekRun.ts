import type { Cause } from "./Disturbance.ts"
import type { Outcome } from "./Software.ts"

/** A run of the flow. */
export interface WeekRun {
  readonly by: "agent" | "up" | "down"
  readonly from: number
  to: number
  /** The number of the declaration that it read. */
  declaration: number | undefined
  switchedAt: number | undefined
  /** For how many init containers, hooks and probes it waits. */
  waits: number
  occasion: string
  /** `killed`: its process died; `cut`: a newer declaration interrupted it. */
  outcome: Outcome | "under way" | "killed" | "ended"
  /** It has failed for a job. */
  isOfJob: boolean
  /** Why it had something to do. */
  causes: ReadonlyArray<Cause>
}

/** Which declaration is in force, and since when: the last that came up. */
export interface Standing {
  readonly from: number
  readonly declaration: number
  /** Its time is over, and nothing runs. */
  readonly isOver?: boolean
}
