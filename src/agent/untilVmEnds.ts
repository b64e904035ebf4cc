import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"
import * as Schedule from "effect/Schedule"
import { leastGrace } from "../plan/stopGrace.ts"
import { tell } from "../progress/Progress.ts"
import { defaultDownSettings, down } from "../startup/down.ts"
import type { DownReport } from "../startup/DownReport.ts"
import type { Settings } from "../startup/Settings.ts"
import { Interruption } from "../timing/Interruption.ts"
import { stopwatch } from "../timing/stopwatch.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import { isEngineAway } from "../vm/engine/DockerError.ts"
import { MetadataProvider } from "../vm/metadata/MetadataProvider.ts"
import { isShuttingDown } from "../vm/systemd/isShuttingDown.ts"
import { Notify } from "../vm/systemd/Notify.ts"
import type { Notices } from "./notices.ts"
import { watchPreemption } from "./watchPreemption.ts"

/** What the agent came to. */
export type Ended =
  /** It alone was to end: the containers run on. */
  | { readonly _tag: "Terminated" }
  /** The machine goes down, and the containers have come to their end before. */
  | { readonly _tag: "BroughtDown"; readonly report: DownReport }

/**
 * The time to stop the containers in, once the VM is told to stop: 5 and 10 s less than Google gives it, as the engine,
 * the disks and the kernel have to come to their end as well. Source:
 * cloud.google.com/compute/docs/instances/preemptible and /shutdownscript, limitations.
 */
const timeLeft = { preemptible: Duration.seconds(25), other: Duration.seconds(80) } as const

/** Metadata must answer soon where time is short. */
const patience = Duration.seconds(2)

/**
 * Runs the agent's loop until the process is asked to end, or the cloud takes the VM back. If it is the machine that
 * goes down the containers are stopped in order first, within the time that there is; if not, they run on.
 *
 * What the cloud takes back it also shuts down: the process waits to be ended, or it would be started again, and start
 * the containers again.
 */
export const untilVmEnds = Effect.fnUntraced(function* <R>(
  loop: Effect.Effect<never, never, R>,
  settings: Settings,
  terminated: Effect.Effect<void>,
  notices: Notices
) {
  const notify = yield* Notify
  const interruption = yield* Interruption
  let isVmEnding = false
  const asked = Effect.gen(function* () {
    yield* terminated
    const since = yield* stopwatch
    yield* notify.change("STOPPING=1")
    const goesDown = yield* isShuttingDown
    isVmEnding = goesDown
    return { isAsked: true, since, goesDown }
  })
  const takenBack = Effect.gen(function* () {
    yield* watchPreemption(Option.isSome(settings.declaration))
    isVmEnding = true
    return { isAsked: false, since: yield* stopwatch, goesDown: true }
  })
  // A run that is under way ends first, or is rolled back, unless all is to be stopped within the time that there is.
  const living = Effect.provideService(loop, Interruption, () => (isVmEnding ? "taken over" : interruption()))
  const { isAsked, since, goesDown } = yield* Effect.raceFirst(living, Effect.raceFirst(asked, takenBack))
  if (!goesDown) {
    yield* notify.sent
    return { _tag: "Terminated" } as const satisfies Ended
  }
  const limit = yield* isAsked ? limitOfVm : Effect.succeed(timeLeft.preemptible)
  const why = isAsked ? "the machine goes down" : "the cloud takes this VM back"
  yield* notices.ended(`${why}: its containers are being stopped`)
  yield* tell({ _tag: "Notice", text: `${why}: its containers are stopped first, within ${Duration.format(limit)}` })
  const brought = yield* Effect.result(
    Effect.gen(function* () {
      yield* engineIsThere
      const within = Duration.max(leastGrace, Duration.subtract(limit, yield* since))
      return yield* down({
        ...defaultDownSettings,
        mountRoot: settings.mountRoot,
        until: "the next boot",
        within: Option.some(within),
        showWelcome: false
      })
    })
  )
  if (!isAsked) {
    if (Result.isFailure(brought)) yield* tell({ _tag: "Warning", text: brought.failure.message })
    yield* notices.ended(`${why}: its containers have been stopped`)
    yield* terminated
  }
  yield* notify.sent
  const report = yield* Effect.fromResult(brought)
  return { _tag: "BroughtDown", report } as const satisfies Ended
})

/**
 * Fails where no engine is: it is stopped after us, and one that is not there by now is not waited for. One that is
 * silent may stop containers all the same.
 */
const engineIsThere = Effect.gen(function* () {
  const docker = yield* DockerClient
  yield* docker.ping.pipe(
    Effect.retry({ schedule: Schedule.spaced("500 millis"), times: 8, while: isEngineAway }),
    Effect.catchIf(Predicate.not(isEngineAway), () => Effect.void),
    Effect.timeoutOption("10 seconds")
  )
})

const limitOfVm = Effect.gen(function* () {
  const metadata = yield* MetadataProvider
  const isPreemptible = yield* metadata.isPreemptible.pipe(
    Effect.timeoutOption(patience),
    Effect.map(Option.getOrElse(() => false)),
    Effect.orElseSucceed(() => false)
  )
  return isPreemptible ? timeLeft.preemptible : timeLeft.other
})
