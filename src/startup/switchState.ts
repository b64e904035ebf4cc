import type { ProgressEvent } from "../progress/Progress.ts"

/** Steps from the first of which on a run goes to its end, or back, unless it waits for an init container. */
const switching: ReadonlySet<string> = new Set(["SetAside", "Stop", "Unmount"])

/** How far a run has come, as far as it has told. */
export interface SwitchState {
  readonly listen: (event: ProgressEvent) => void
  /** Whether it has begun to take down what ran before. */
  readonly hasBegun: () => boolean
  /**
   * Whether it may be interrupted, and what it has begun be taken back: before it has begun to switch, or while it waits
   * for an init container, which may hang.
   */
  readonly mayGiveWay: () => boolean
}

/** Of a run that has not begun. */
export const makeSwitchState = (): SwitchState => {
  let hasBegun = false
  let initContainersAwaited = 0
  return {
    listen: (event) => {
      if (event._tag === "StepStarted" && switching.has(event.step.kind)) hasBegun = true
      if (event._tag === "StepStarted" && event.step.kind === "RunToEnd") initContainersAwaited += 1
      const isOver = event._tag === "StepDone" || event._tag === "StepFailed"
      if (isOver && event.step.kind === "RunToEnd") initContainersAwaited -= 1
    },
    hasBegun: () => hasBegun,
    mayGiveWay: () => !hasBegun || initContainersAwaited > 0
  }
}
