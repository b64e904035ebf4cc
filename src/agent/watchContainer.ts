import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { makeRecord } from "../observation/ContainerRecord.ts"
import { isAside } from "../observation/Ownership.ts"
import { tell } from "../progress/Progress.ts"
import {
  type Failing,
  forgetRestart,
  isSameStart,
  restartContainer,
  RestartOutcome,
  type RestartSettings,
  startAgain
} from "../startup/restartContainer.ts"
import { monotonicMillis } from "../timing/stopwatch.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { mayEnd } from "../vm/engine/ContainerSpec.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { noRestarts, pauseBefore, restarted, type Restarts } from "./restarts.ts"
import { fails, superviseStart } from "./superviseStart.ts"

/** What an agent remembers of a container that it watches. Another watch of the same container goes on from there. */
export interface Watched {
  readonly id: string
  /** The engine's. */
  readonly name: string
  restarts: Restarts
  /** The start whose startup probe has succeeded. */
  started: ContainerInspection | undefined
  /** It was started again, and not all of its probes have succeeded since. */
  isStarting: boolean
  /** It is stopped, and to be started again. */
  waiting: Waiting | undefined
  /** It was stopped for good. */
  isGivenUp: boolean
  /** It does not run, and is not looked at for a while. */
  isAsleep: boolean
}

export interface Waiting {
  readonly failing: Pick<Failing, "container" | "reason">
  /** By the monotonic clock. */
  readonly endedMillis: number
  readonly pause: Duration.Duration
}

/** What is done for a container whose probe failed. */
export interface RestartNews {
  readonly reason: string
  /** When it is started again; undefined: it has been, or is not to be. */
  readonly nextStart: Duration.Duration | undefined
  /** It was stopped for this, rather than started again after that. */
  readonly isStop: boolean
}

/** What is told of a container as soon as it is known. */
export interface WatchListener {
  readonly onReady: (isReady: boolean) => Effect.Effect<void>
  readonly onRestart: (news: RestartNews) => Effect.Effect<void>
}

/** A container that has come up. */
export const newlyWatched = (up: ContainerInspection): Watched => ({
  id: up.id,
  name: up.name,
  restarts: noRestarts,
  started: up,
  isStarting: false,
  waiting: undefined,
  isGivenUp: false,
  isAsleep: false
})

/** The pause before the next look at a container that could not be looked at, or does not run. */
const aMoment = Duration.seconds(5)
/** The same for one that is not to run any more: somebody may start it by hand. */
const aWhile = Duration.minutes(1)

/**
 * Watches a container by its probes until it is gone, and restarts it when its liveness or startup probe fails, as the
 * kubelet does; with `restartPolicy: Never` it stays stopped.
 */
export const watchContainer = Effect.fnUntraced(function* (
  watched: Watched,
  settings: RestartSettings,
  listener: WatchListener
) {
  const { id, name } = watched
  const unready = yield* makeRecord("unready")
  /** Its probes have succeeded since it was started again: the next run need not ask them. */
  const hasComeUp = Effect.suspend(() => {
    if (!watched.isStarting) return Effect.void
    watched.isStarting = false
    return unready.end(id)
  })
  for (;;) {
    if (watched.waiting !== undefined) {
      yield* comeBack(watched, watched.waiting, settings, listener)
      continue
    }
    watched.isAsleep = false
    const found = yield* inspect(id, name)
    if (found === "unknown") {
      yield* Effect.sleep(aMoment)
      continue
    }
    if (Option.isNone(found)) return yield* forgetRestart(id)
    const start = found.value
    if (start.status !== "running" || isAside(start)) {
      yield* listener.onReady(false)
      const isAtItsEnd = start.status === "exited" && mayEnd(start.restartPolicy, start.exitCode)
      watched.isAsleep = true
      yield* Effect.sleep(isAtItsEnd ? aWhile : aMoment)
      continue
    }
    watched.isGivenUp = false
    const hasStarted = watched.started !== undefined && isSameStart(watched.started, start)
    if (!hasStarted) yield* listener.onReady(false)
    const end = yield* superviseStart(start, settings.probes, hasStarted, {
      onStarted: Effect.suspend(() => {
        watched.started = start
        return settings.probes.readiness === undefined ? hasComeUp : Effect.void
      }),
      onReady: (isReady) => Effect.andThen(listener.onReady(isReady), isReady ? hasComeUp : Effect.void)
    })
    if (end._tag === "Over") continue
    const { probe, reason } = end
    yield* listener.onReady(false)
    const graceSeconds = probe.terminationGracePeriodSeconds
    const isStillFailing = (now: ContainerInspection) => fails(now, probe)
    yield* act(watched, { container: start, reason, graceSeconds, isStillFailing }, settings, listener)
  }
})

const inspect = (id: string, name: string) =>
  Effect.flatMap(DockerClient, (docker) =>
    docker.inspectContainer(id).pipe(
      withDeadline("INSPECT", `inspect container ${name}`),
      Effect.orElseSucceed(() => "unknown" as const)
    )
  )

const orFailed = Effect.catch((error: { readonly message: string }) =>
  Effect.succeed(RestartOutcome.Failed({ message: error.message, isOfHook: false }))
)

/** Stops a container that fails, and starts it again, now or later. */
const act: (
  watched: Watched,
  failing: Failing,
  settings: RestartSettings,
  listener: WatchListener
) => Effect.Effect<void, never, Effect.Services<ReturnType<typeof restartContainer>>> = Effect.fnUntraced(
  function* (watched, failing, settings, listener) {
    const { reason, container } = failing
    const isFinal = container.restartPolicy.name === "no"
    const pause = pauseBefore(watched.restarts, yield* monotonicMillis)
    const then = isFinal ? "leave it stopped" : Duration.isZero(pause) ? "start it" : "start it later"
    watched.isStarting = then === "start it"
    const outcome = yield* orFailed(restartContainer(failing, settings, then))
    const endedMillis = yield* monotonicMillis
    switch (outcome._tag) {
      case "Superseded":
        watched.isStarting = false
        return
      case "Started":
        watched.restarts = restarted(watched.restarts, endedMillis, endedMillis)
        return yield* listener.onRestart({ reason, nextStart: undefined, isStop: true })
      case "Stopped":
        if (isFinal) watched.isGivenUp = true
        else watched.waiting = { failing, endedMillis, pause }
        return yield* listener.onRestart({ reason, nextStart: isFinal ? undefined : pause, isStop: true })
      case "Failed":
        return yield* onFailed(watched, failing, outcome, settings, listener)
    }
  }
)

/** Starts a container again once its back-off has passed. */
const comeBack = Effect.fnUntraced(function* (
  watched: Watched,
  { failing, endedMillis, pause }: Waiting,
  settings: RestartSettings,
  listener: WatchListener
) {
  const passed = Duration.millis((yield* monotonicMillis) - endedMillis)
  yield* Effect.sleep(Duration.subtract(pause, passed))
  watched.isStarting = true
  const outcome = yield* orFailed(startAgain(failing, settings, pause))
  watched.waiting = undefined
  if (outcome._tag === "Failed") return yield* onFailed(watched, failing, outcome, settings, listener)
  if (outcome._tag !== "Started") {
    watched.isStarting = false
    return
  }
  watched.restarts = restarted(watched.restarts, endedMillis, yield* monotonicMillis)
  yield* listener.onRestart({ reason: failing.reason, nextStart: undefined, isStop: false })
})

/**
 * It was to run again and does not: that counts as another end of it, unless the engine was away, which says nothing of the
 * container.
 */
const onFailed = Effect.fnUntraced(function* (
  watched: Watched,
  failing: Pick<Failing, "container" | "reason">,
  { message, isOfHook }: Extract<RestartOutcome, { readonly _tag: "Failed" }>,
  settings: RestartSettings,
  listener: WatchListener
) {
  const { id, name } = watched
  watched.isStarting = false
  yield* tell({ _tag: "Warning", text: `${name} could not be restarted: ${message}` })
  let found = yield* inspect(id, name)
  const wasAway = found === "unknown"
  while (found === "unknown") {
    yield* Effect.sleep(aMoment)
    found = yield* inspect(id, name)
  }
  if (Option.isNone(found)) return
  const now = found.value
  const isRunning = now.status === "running"
  // It could not be stopped: its probe is asked on.
  if (isRunning && isSameStart(now, failing.container)) return yield* Effect.sleep(aMoment)
  // Somebody else has started it, or the engine as it came back.
  if (isRunning && !isOfHook) return
  const endedMillis = yield* monotonicMillis
  if (!wasAway) watched.restarts = restarted(watched.restarts, endedMillis, endedMillis)
  if (isRunning) {
    // Its postStart hook has failed, for which the kubelet kills it.
    const reason = message.startsWith(`the container ${name} `)
      ? message.slice(`the container ${name} `.length)
      : message
    const stillFails = { container: now, reason, graceSeconds: undefined, isStillFailing: () => Effect.succeed(true) }
    return yield* act(watched, stillFails, settings, listener)
  }
  const pause = wasAway ? Duration.zero : pauseBefore(watched.restarts, endedMillis)
  watched.waiting = { failing, endedMillis, pause }
  yield* listener.onRestart({ reason: failing.reason, nextStart: pause, isStop: !wasAway })
})
