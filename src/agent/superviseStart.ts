import * as Data from "effect/Data"
import * as DateTime from "effect/DateTime"
import * as Deferred from "effect/Deferred"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { maskOf } from "../apply/hiddenValues.ts"
import { probeOnce } from "../apply/probeOnce.ts"
import { isAside } from "../observation/Ownership.ts"
import { upMillis } from "../plan/doubt.ts"
import { isSameStart } from "../startup/restartContainer.ts"
import { withDeadline } from "../timing/Deadlines.ts"
import { stopwatch } from "../timing/stopwatch.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { type Probe, type Probes, probeText } from "../workload/Probe.ts"
import { counted, type Tally, verdictOf } from "./tally.ts"

/** How one start of a container came to its end. */
export type StartEnd = Data.TaggedEnum<{
  /** It has ended, was started anew, was set aside for another or removed. */
  Over: {}
  /** It runs, and a probe of it failed as often in a row as its threshold says. */
  ProbeFailed: { readonly kind: "liveness" | "startup"; readonly probe: Probe; readonly reason: string }
}>
export const StartEnd = Data.taggedEnum<StartEnd>()

/** What follows from so many answers of one kind in a row, the last with this detail. */
type Judge = (
  probe: Probe,
  verdict: "success" | "failure",
  inARow: number,
  detail: string
) => Effect.Effect<StartEnd | "never again" | undefined>

/** What is told of a start while it goes on. */
export interface StartListener {
  readonly onStarted: Effect.Effect<void>
  readonly onReady: (isReady: boolean) => Effect.Effect<void>
}

/**
 * Probes a container as the kubelet does until this start of it has come to its end: each probe by its own period, the
 * first time once its initial delay has passed since the start; the startup probe, unless it has succeeded already,
 * holds the others back. What is no answer, because the engine could not be asked, counts for nothing. A container that
 * does not run, or has been set aside for a successor, is not probed.
 */
export const superviseStart = Effect.fnUntraced(function* (
  start: ContainerInspection,
  { startup, readiness, liveness }: Probes,
  hasStarted: boolean,
  { onStarted, onReady }: StartListener
) {
  const started = yield* Deferred.make<void>()
  const begin = Effect.andThen(onStarted, Deferred.succeed(started, undefined))
  if (startup === undefined || hasStarted) yield* begin
  const failure = (kind: "liveness" | "startup", probe: Probe, inARow: number, detail: string) =>
    StartEnd.ProbeFailed({ kind, probe, reason: reasonOf(kind, probe, inARow, detail) })
  /** Ends with the first that is given. */
  const probing = (probe: Probe | undefined, judge: Judge) =>
    probe === undefined ? Effect.never : probeForEver(start, probe, judge)
  const loops: ReadonlyArray<Effect.Effect<StartEnd, never, Effect.Services<ReturnType<typeof probeForEver>>>> = [
    startup === undefined || hasStarted
      ? Effect.never
      : probing(startup, (probe, verdict, inARow, detail) =>
          verdict === "success"
            ? Effect.as(begin, "never again" as const)
            : Effect.succeed(failure("startup", probe, inARow, detail))
        ),
    Effect.andThen(
      Deferred.await(started),
      probing(liveness, (probe, verdict, inARow, detail) =>
        Effect.succeed(verdict === "success" ? undefined : failure("liveness", probe, inARow, detail))
      )
    ),
    Effect.andThen(
      Deferred.await(started),
      probing(readiness, (_, verdict) => Effect.as(onReady(verdict === "success"), undefined))
    )
  ]
  return yield* Effect.raceAllFirst(loops)
})

const probeForEver = Effect.fnUntraced(function* (start: ContainerInspection, probe: Probe, judge: Judge) {
  const up = Duration.millis(upMillis(start, DateTime.toEpochMillis(yield* DateTime.now)))
  yield* Effect.sleep(Duration.subtract(Duration.seconds(probe.initialDelaySeconds), up))
  let tally: Tally | undefined
  for (;;) {
    const took = yield* stopwatch
    const answer = yield* ask(start, probe)
    if (answer === "over") return StartEnd.Over()
    if (answer !== "none") {
      tally = counted(tally, answer.isSuccess)
      const verdict = verdictOf(tally, probe)
      const end = verdict === undefined ? undefined : yield* judge(probe, verdict, tally.inARow, answer.detail)
      if (end === "never again") return yield* Effect.never
      if (end !== undefined) return end
    }
    yield* Effect.sleep(Duration.subtract(Duration.seconds(probe.periodSeconds), yield* took))
  }
})

/** The answer of a container that still runs in this start. */
const ask = Effect.fnUntraced(
  function* (start: ContainerInspection, probe: Probe) {
    const { id, name } = start
    const docker = yield* DockerClient
    const found = yield* docker.inspectContainer(id).pipe(withDeadline("INSPECT", `inspect container ${name}`))
    if (Option.isNone(found) || !isSameStart(found.value, start) || isAside(found.value)) return "over" as const
    if (found.value.status === "paused") return "none" as const
    if (found.value.status !== "running") return "over" as const
    const { isSuccess, detail } = yield* probeOnce(found.value, probe)
    return { isSuccess, detail: maskOf(found.value.config)(detail) }
  },
  Effect.orElseSucceed(() => "none" as const)
)

/** Whether a container answers its probe now; that it could not be asked says nothing against it. */
export const fails = (start: ContainerInspection, probe: Probe) =>
  Effect.map(ask(start, probe), (answer) => typeof answer === "object" && !answer.isSuccess)

/** `its livenessProbe (HTTP GET :8080/healthz) failed 3 times in a row, at last: HTTP 503` */
const reasonOf = (kind: "liveness" | "startup", probe: Probe, inARow: number, detail: string): string =>
  `its ${kind}Probe (${probeText(probe)}) failed ${inARow === 1 ? "once" : `${inARow} times in a row`}, at last: ${detail}`
