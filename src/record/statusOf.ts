import * as DateTime from "effect/DateTime"
import type { RecordedContainer } from "./RecordedContainer.ts"
import { hasActed, stepsDone } from "./Recording.ts"
import { endOf, type RunRecord } from "./RunRecord.ts"
import { type Status, statusVersion } from "./Status.ts"
import type { UnderWay } from "./UnderWay.ts"

/** A run that has ended, before it has a number. */
export type EndedRun = Omit<RunRecord, "number">

/** What two runs are alike in that did nothing and ended in the same way. */
type Kind = Pick<RunRecord, "boot" | "result"> & {
  readonly declared: { readonly sha256: string } | null
  readonly error: { readonly tag: string } | null
}

/** Whether a run did nothing and ended as the one before it did, so that nothing is to be said of it but when it was. */
export const isRepetition = (run: EndedRun, before: Kind): boolean =>
  !hasActed(run) &&
  run.boot === before.boot &&
  run.result === before.result &&
  run.error?.tag === before.error?.tag &&
  run.declared?.sha256 === before.declared?.sha256

/**
 * The status after a run; `previous` is the one before it, in the same boot; `others` is another run that goes on. What is
 * declared is no matter of a `down`, whatever it came to.
 */
export const statusOf = (
  run: EndedRun,
  previous: Status | undefined,
  written: DateTime.Utc,
  others: UnderWay | null = null,
  isDown = run.result === "down"
): Status => {
  const before = previous?.lastRun ?? undefined
  const isAgain =
    before !== undefined &&
    previous !== undefined &&
    isRepetition(run, { ...before, boot: previous.boot, declared: isDown ? null : previous.declared })
  return {
    version: statusVersion,
    boot: run.boot,
    written,
    underWay: others,
    declared: isDown ? (previous?.declared ?? null) : run.declared,
    running: runningOf(run, previous?.running ?? null),
    lastRun: {
      result: run.result,
      ...ofDown(run),
      ...(run.result === "left down" && before !== undefined ? ofDown(before) : {}),
      ended: endOf(run),
      seconds: run.tookMillis / 1000,
      steps: stepsDone(run),
      repeated: isAgain ? before.repeated + 1 : 1,
      error: run.error
    },
    degraded: run.degraded,
    nextTry: run.nextTry,
    ...(run.running === null && previous?.engineAway !== undefined ? { engineAway: previous.engineAway } : {})
  }
}

/** What holds of a `down`, and of what is left down since. */
const ofDown = ({
  goesDown,
  stoppedNothing
}: Pick<RunRecord, "goesDown" | "stoppedNothing">): Pick<RunRecord, "goesDown" | "stoppedNothing"> => ({
  ...(goesDown === true ? { goesDown } : {}),
  ...(stoppedNothing === true ? { stoppedNothing } : {})
})

/** Of a run that did nothing and could not ask the engine, what is known from before. */
const runningOf = (run: EndedRun, before: Status["running"]): Status["running"] => {
  if (run.running === null) return hasActed(run) ? null : before
  const ready = new Map((before ?? []).map((container) => [startOf(container), container.ready]))
  const restarts = new Map(
    (before ?? []).flatMap(({ id, probeRestarts }) => (probeRestarts === undefined ? [] : [[id, { probeRestarts }]]))
  )
  // What an agent has seen of one start of a container holds until it says something else.
  return run.running.map((container) => ({
    ...container,
    ...restarts.get(container.id),
    ready: container.ready ?? ready.get(startOf(container)) ?? null
  }))
}

/** What tells one start of one container from all others. */
const startOf = ({ id, since, restarts }: RecordedContainer): string =>
  `${id} ${restarts} ${since === null ? "" : DateTime.toEpochMillis(since)}`

/** The status while a run is under way: what was before it still is the last that is known. */
export const statusUnderWay = (
  boot: string,
  previous: Status | undefined,
  underWay: UnderWay,
  written: DateTime.Utc
): Status => ({
  ...(previous ?? {
    version: statusVersion,
    boot,
    declared: null,
    running: null,
    lastRun: null,
    degraded: [],
    nextTry: null
  }),
  written,
  underWay
})
