import type { Status } from "./Status.ts"

/**
 * Pure: whether all that is declared had come to its end, and well, before a `down` that had nothing to stop: then all
 * is as declared, and there is nothing that `up` would start again.
 */
export const isAllDone = ({ declared, running, lastRun }: Pick<Status, "declared" | "running" | "lastRun">): boolean =>
  lastRun?.stoppedNothing === true &&
  declared !== null &&
  declared.containers.length > 0 &&
  declared.containers.every(({ name }) =>
    (running ?? []).some(
      ({ container, status, exitCode }) => (container ?? "") === name && status === "exited" && exitCode === 0
    )
  )
