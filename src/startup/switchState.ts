import type { ProgressEvent } from "../progress/Progress.ts"

/** Steps from the first of which on a run goes to its end, or back, unless it only waits. */
const switching: ReadonlySet<string> = new Set(["SetAside", "Stop", "Unmount"])
const waiting: ReadonlySet<string> = new Set(["RunToEnd", "PostStart", "Probe"])
/** Whether a step waits for what has been started, which may hang. */
export const isWait = (kind: string): boolean => waiting.has(kind)
/** Steps that get others of its containers to where they are waited for: soon, unless one takes its grace period to stop. */
const underWay: ReadonlySet<string> = new Set(["Stop", "Create", "Start", "StartAgain", "Confirm"])

/** How far a run has come, as far as it has told. */
export interface SwitchState {
  readonly listen: (event: ProgressEvent) => void
  /** Whether it has begun to take down what ran before. */
  readonly hasBegun: () => boolean
  /**
   * Whether it may be interrupted, and what it has begun be taken back: before it has begun to switch, or while all that
   * it does is to wait for an init container, a postStart hook or a probe.
   */
  readonly mayGiveWay: () => boolean
}

/** Of a run that has not begun. */
export const makeSwitchState = (): SwitchState => {
  let hasBegun = false
  let waits = 0
  let changes = 0
  return {
    listen: (event) => {
      if (event._tag !== "StepStarted" && event._tag !== "StepDone" && event._tag !== "StepFailed") return
      const { kind } = event.step
      const more = event._tag === "StepStarted" ? 1 : -1
      if (isWait(kind)) waits += more
      if (underWay.has(kind)) changes += more
      if (more === 1 && switching.has(kind)) hasBegun = true
    },
    hasBegun: () => hasBegun,
    mayGiveWay: () => !hasBegun || (waits > 0 && changes === 0)
  }
}
