import type { RunRecord, StepStatus } from "./RunRecord.ts"

/** A step on the timeline of its run. */
export interface Bar {
  readonly id: string
  readonly text: string
  readonly cause: string
  readonly outcome: StepStatus["outcome"]
  readonly undone: boolean
  /** From the run's beginning; undefined if it never began. */
  readonly span: { readonly beganMillis: number; readonly endedMillis: number } | undefined
}

/** A run's steps by when they began, those that never did at the end; and how long the run took. */
export interface Timeline {
  readonly bars: ReadonlyArray<Bar>
  readonly millis: number
}

/**
 * When each step of a run began and ended. Of a step that was cut short it is not known when: it went on until the run
 * ended, as far as is known.
 */
export const timelineOf = ({ plans, tookMillis }: Pick<RunRecord, "plans" | "tookMillis">): Timeline => {
  const steps = plans.flatMap(({ steps }) => steps)
  const ends = steps.map(({ beganMillis, tookMillis }) => (beganMillis ?? 0) + (tookMillis ?? 0))
  const millis = Math.max(1, tookMillis, ...ends)
  const bars = steps.map(({ id, text, cause, outcome, undone, beganMillis, tookMillis }): Bar => ({
    id,
    text,
    cause,
    outcome,
    undone,
    span:
      beganMillis === null
        ? undefined
        : { beganMillis, endedMillis: tookMillis === null ? millis : beganMillis + tookMillis }
  }))
  const began = ({ span }: Bar) => span?.beganMillis ?? Infinity
  return {
    millis,
    bars: bars.toSorted((one, other) => (began(one) === began(other) ? 0 : began(one) - began(other)))
  }
}

/**
 * The step between two marks of an axis of that length, so that there are at most so many: 1, 2 or 5 times a power of
 * ten.
 */
export const stepOfAxis = (millis: number, marks: number): number => {
  const least = millis / marks
  const power = 10 ** Math.floor(Math.log10(least))
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power
}

/** What became of a step, in a word or two. */
export const outcomeWords = ({ outcome, undone }: Pick<StepStatus, "outcome" | "undone">): string =>
  undone ? "rolled back" : outcome
