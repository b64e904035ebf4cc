import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Action } from "../plan/Step.ts"
import { tell } from "../progress/Progress.ts"
import type { OperationTimeout } from "../timing/Deadlines.ts"
import { attempt } from "../timing/Retries.ts"
import { stopwatch } from "../timing/stopwatch.ts"
import { DockerClient } from "../vm/engine/DockerClient.ts"
import type { DockerError } from "../vm/engine/DockerError.ts"
import type { ProbeAnswer } from "../vm/probes/ProbeAnswer.ts"
import type { Prober } from "../vm/probes/Prober.ts"
import { probeText } from "../workload/Probe.ts"
import type { KnownContainer } from "./Created.ts"
import { failed, failingByEvents, lastLogLinesOf, startedContainer } from "./confirm.ts"
import { type Failure, judgeState, vanished } from "./judgeContainer.ts"
import { probeOnce } from "./probeOnce.ts"
import { ProbeFailed } from "./ProbeFailed.ts"

type Probing = Omit<Extract<Action, { readonly _tag: "Probe" }>, "_tag" | "name" | "isLast">

/** What one round of a probe came to. */
type Round =
  | { readonly _tag: "Answered"; readonly answer: ProbeAnswer }
  /** The prober itself failed, which says nothing about the container. */
  | { readonly _tag: "ProberFailed"; readonly error: DockerError | OperationTimeout }
  | { readonly _tag: "ContainerFailed"; readonly failure: Failure }
  /** The container has ended, as its policy allows: there is nothing left to probe. */
  | { readonly _tag: "Ended" }

/**
 * Probes a container as the kubelet does, until the probe has succeeded, or failed, as often in a row as its thresholds
 * say; the first time once its initial delay has passed since the container's start. A container that ends meanwhile
 * fails at once, as in `confirm`.
 *
 * Two bounds are not Kubernetes', which probes for ever. A prober that itself fails, as when the engine cannot be
 * asked, does not count as a failure of the container, but ends this with its own error when it has failed
 * `failureThreshold` times in a row. And of a container that takes turns, at most `failureThreshold` ×
 * `successThreshold` failures are watched.
 */
export const awaitProbe = Effect.fn("awaitProbe")(function* (
  container: KnownContainer,
  probing: Probing,
  sinceStart: Effect.Effect<Duration.Duration>
) {
  const { restartPolicy, kept } = probing
  yield* startedContainer(container)
  const failing = failingByEvents(container, restartPolicy, kept?.restarts)
  yield* Effect.raceFirst(failing, probeUntilDecided(container, probing, sinceStart))
})

const probeUntilDecided = Effect.fnUntraced(function* (
  container: KnownContainer,
  probing: Probing,
  sinceStart: Effect.Effect<Duration.Duration>
) {
  const { name } = container
  const { kind, probe } = probing
  const { initialDelaySeconds, periodSeconds, successThreshold, failureThreshold } = probe
  const period = Duration.seconds(periodSeconds)
  yield* Effect.sleep(Duration.subtract(Duration.seconds(initialDelaySeconds), yield* sinceStart))
  const counts = { successes: 0, failures: 0, failuresInAll: 0, errors: 0 }
  const say = (result: string, count: number, of: number, what: string) =>
    count >= of
      ? Effect.void
      : tell({ _tag: "Waiting", text: `${kind} of ${name}: ${result}${of === 1 ? "" : `, ${what} ${count} of ${of}`}` })
  for (;;) {
    const took = yield* stopwatch
    const round = yield* probeRound(container, probing)
    switch (round._tag) {
      case "Ended":
        return
      case "ContainerFailed":
        return yield* failed(container, round.failure)
      case "ProberFailed": {
        counts.errors += 1
        if (counts.errors >= failureThreshold) return yield* round.error
        yield* say(`it could not be probed: ${round.error.message}`, counts.errors, failureThreshold, "try")
        break
      }
      case "Answered": {
        const { isSuccess, detail, hasNoProgram } = round.answer
        counts.errors = 0
        counts.successes = isSuccess ? counts.successes + 1 : 0
        counts.failures = isSuccess ? 0 : counts.failures + 1
        counts.failuresInAll += isSuccess ? 0 : 1
        if (counts.successes >= successThreshold) return
        const isFailed = counts.failures >= failureThreshold
        if (isFailed || counts.failuresInAll >= failureThreshold * successThreshold) {
          return yield* new ProbeFailed({
            container: name,
            probe: kind,
            handler: probeText(probe),
            failures: isFailed ? counts.failures : counts.failuresInAll,
            ...(isFailed ? {} : { successThreshold }),
            lastResult: detail,
            ...(hasNoProgram === undefined ? {} : { hasNoProgram }),
            lastLogLines: yield* lastLogLinesOf(container)
          })
        }
        yield* isSuccess
          ? say(detail, counts.successes, successThreshold, "success")
          : say(detail, counts.failures, failureThreshold, "failure")
      }
    }
    yield* Effect.sleep(Duration.subtract(period, yield* took))
  }
})

/** Looks at the container, and probes it if it runs. */
const probeRound = Effect.fnUntraced(function* (container: KnownContainer, { probe, restartPolicy, kept }: Probing) {
  const { id, name } = container
  const docker = yield* DockerClient
  return yield* docker.inspectContainer(id).pipe(
    attempt("INSPECT", `inspect container ${name}`),
    Effect.flatMap((found): Effect.Effect<Round, DockerError | OperationTimeout, Prober | DockerClient> => {
      if (Option.isNone(found)) return Effect.succeed({ _tag: "ContainerFailed", failure: vanished })
      const failure = judgeState(found.value, restartPolicy, kept?.restarts)
      if (Option.isSome(failure)) return Effect.succeed({ _tag: "ContainerFailed", failure: failure.value })
      if (found.value.status === "exited") return Effect.succeed({ _tag: "Ended" })
      return Effect.map(probeOnce(found.value, probe), (answer) => ({ _tag: "Answered", answer }))
    }),
    Effect.catch((error) =>
      Effect.succeed<Round>({
        _tag: "ProberFailed",
        error: error._tag === "DockerError" ? error.of(container) : error
      })
    )
  )
})
