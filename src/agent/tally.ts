import type { Probe } from "../workload/Probe.ts"

/** How a probe has been answered last, and how often in a row. */
export interface Tally {
  readonly isSuccess: boolean
  readonly inARow: number
}

/** The tally after another answer. */
export const counted = (tally: Tally | undefined, isSuccess: boolean): Tally => ({
  isSuccess,
  inARow: tally?.isSuccess === isSuccess ? tally.inARow + 1 : 1
})

/** What the answers until now come to; undefined while too few of one kind have come in a row to say something else. */
export const verdictOf = (
  { isSuccess, inARow }: Tally,
  { successThreshold, failureThreshold }: Pick<Probe, "successThreshold" | "failureThreshold">
): "success" | "failure" | undefined => {
  if (isSuccess) return inARow >= successThreshold ? "success" : undefined
  return inARow >= failureThreshold ? "failure" : undefined
}
