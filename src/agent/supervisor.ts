import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Semaphore from "effect/Semaphore"
import { hidingValues } from "../apply/hiddenValues.ts"
import type { Supervised } from "../observation/Supervision.ts"
import { tell } from "../progress/Progress.ts"
import { probeHash } from "../plan/planProbes.ts"
import { amendStatus, ofContainers } from "../record/amendStatus.ts"
import type { ProbeRestarts, RecordedContainer } from "../record/RecordedContainer.ts"
import type { RunningWorkload } from "../startup/lastGoodRuns.ts"
import type { ReportedContainer } from "../startup/Report.ts"
import { isSameStart } from "../startup/restartContainer.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { HostRandom } from "../vm/host/HostRandom.ts"
import { StatusFile } from "../vm/host/StatusFile.ts"
import { allContainers, type Workload } from "../workload/Workload.ts"
import type { Probes } from "../workload/Probe.ts"
import { newlyWatched, watchContainer, type RestartNews, type Waiting, type Watched } from "./watchContainer.ts"

/** A container under watch. */
interface Watch {
  readonly watched: Watched
  /** Identifies its probes. */
  readonly identity: string
  readonly fiber: Fiber.Fiber<void>
}

/** What the status is to say of a container. */
interface Mark {
  ready?: boolean
  probeRestarts?: ProbeRestarts
}

/**
 * Watches the containers that have probes for as long as the scope is open: restarts those whose liveness or startup
 * probe fails, and tells in the status which are ready. What is watched is what the last successful run has found, or,
 * before the first, what runs of the last good declaration; a run that fails changes nothing about it, for what ran
 * before it goes on.
 */
export const makeSupervisor = Effect.fnUntraced(function* (mountRoot: string) {
  const scope = yield* Effect.scope
  const random = yield* HostRandom
  const statusFile = yield* StatusFile
  const oneAtATime = yield* Semaphore.make(1)
  const watches = new Map<string, Watch>()
  const marks = new Map<string, Mark>()
  let taken = Deferred.makeUnsafe<void>()
  let hasWarned = false

  /** Writes into the status what it does not say yet. */
  const show = amendStatus(ofContainers((one) => marked(one, marks.get(one.id)))).pipe(
    Effect.asVoid,
    Effect.catch((error) => {
      if (hasWarned) return Effect.void
      hasWarned = true
      return tell({ _tag: "Warning", text: `the status does not tell what the probes say: ${error.message}` })
    }),
    Effect.provideService(StatusFile, statusFile),
    Effect.provideService(HostRandom, random),
    Semaphore.withPermits(oneAtATime, 1)
  )

  const mark = (id: string, change: (before: Mark) => Mark) =>
    Effect.suspend(() => {
      marks.set(id, change(marks.get(id) ?? {}))
      return show
    })

  const onRestart = Effect.fnUntraced(function* (watched: Watched, { reason, nextStart, isStop }: RestartNews) {
    const now = yield* DateTime.now
    const next = nextStart === undefined ? null : DateTime.addDuration(now, nextStart)
    yield* mark(watched.id, (before) => ({
      ...before,
      probeRestarts: {
        count: (before.probeRestarts?.count ?? 0) + (isStop ? 1 : 0),
        last: isStop ? now : (before.probeRestarts?.last ?? now),
        reason,
        nextStart: next
      }
    }))
  })

  const begin = Effect.fnUntraced(function* (watched: Watched, probes: Probes, workload: Workload) {
    const { id, name } = watched
    const watching = watchContainer(
      watched,
      { probes, workload, mountRoot, takenOver: Effect.suspend(() => Deferred.await(taken)) },
      {
        onReady: (isReady) =>
          probes.readiness === undefined || marks.get(id)?.ready === isReady
            ? Effect.void
            : Effect.andThen(
                mark(id, (before) => ({ ...before, ready: isReady })),
                tell({ _tag: "Notice", text: `${name} is ${isReady ? "ready" : "not ready"}` })
              ),
        onRestart: (news) => onRestart(watched, news)
      }
    ).pipe(hidingValues(workload))
    const fiber = yield* Effect.forkIn(watching, scope)
    watches.set(id, { watched, identity: identityOf(probes), fiber })
  })

  const end = Effect.fnUntraced(function* (id: string) {
    const watch = watches.get(id)
    watches.delete(id)
    if (watch !== undefined) yield* Fiber.interrupt(watch.fiber)
  })

  return {
    /** What runs are to leave to this. */
    supervised: Effect.sync((): Supervised => {
      const all = [...watches.values()].map(({ watched }) => watched)
      return {
        waiting: all.filter(({ waiting, isGivenUp }) => waiting !== undefined || isGivenUp).map(({ id }) => id),
        starting: all.filter(({ isStarting }) => isStarting).map(({ id }) => id)
      }
    }),
    /** Whether something is stopped until its back-off has passed. */
    isPausing: Effect.sync(() => [...watches.values()].some(({ watched }) => watched.waiting !== undefined)),
    /** A run for another declaration is about to begin: it does not wait for what is being stopped to be started again. */
    takeOver: Effect.suspend(() => {
      const before = taken
      taken = Deferred.makeUnsafe<void>()
      return Deferred.succeed(before, undefined)
    }),
    /**
     * This is what runs, as a run that has ended well has found it, or as the last good declaration has it. What is stopped
     * for its back-off is started at once where somebody asks for that, or its probes are others by now.
     */
    follow: Effect.fnUntraced(function* (report: RunningWorkload, isAsked: boolean) {
      const workload = Redacted.value(report.workload)
      const declared = report.containers.flatMap((container) => Option.toArray(probedIn(workload, container)))
      const gone = [...watches.keys()].filter((id) => !declared.some(({ found }) => found.id === id))
      for (const id of gone) {
        yield* end(id)
        marks.delete(id)
      }
      for (const { found, probes } of declared) {
        const known = watches.get(found.id)
        const isSame = known?.identity === identityOf(probes)
        const waiting = waitingOf(known?.watched, found, isAsked || !isSame)
        // What was stopped may run again by now.
        if (isSame && !known.watched.isAsleep && waiting === known.watched.waiting) continue
        yield* end(found.id)
        const watched = known?.watched ?? newlyWatched(found)
        watched.waiting = waiting
        yield* begin(watched, probes, workload)
      }
      yield* show
    })
  }
})

/** What is to be waited for: nothing where it runs again by now, as an engine that comes back may have started it. */
const waitingOf = (watched: Watched | undefined, found: ContainerInspection, hurries: boolean): Waiting | undefined => {
  const waiting = watched?.waiting
  if (waiting === undefined) return undefined
  if (found.status === "running" && !isSameStart(found, waiting.failing.container)) return undefined
  return hurries ? { ...waiting, pause: Duration.zero } : waiting
}

const marked = (one: RecordedContainer, mark: Mark | undefined): RecordedContainer =>
  mark === undefined
    ? one
    : {
        ...one,
        ready: mark.ready ?? one.ready,
        ...(mark.probeRestarts === undefined ? {} : { probeRestarts: mark.probeRestarts })
      }

/** A container that is not run to its end, and has probes. */
const probedIn = (
  workload: Workload,
  { container, role, found }: Pick<ReportedContainer, "container" | "role" | "found">
) => {
  const probes = allContainers(workload).find(({ name }) => name === container)?.probes
  return role === "init" || role === "sandbox" || probes === undefined
    ? Option.none()
    : Option.map(found, (found) => ({ found, probes }))
}

const identityOf = ({ startup, readiness, liveness }: Probes): string =>
  [startup, readiness, liveness].map((probe) => (probe === undefined ? "" : probeHash(probe))).join(" ")
