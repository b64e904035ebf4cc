import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { OperationTimeout } from "../timing/Deadlines.ts"
import { seconds } from "../text/seconds.ts"
import { stopwatch } from "../timing/stopwatch.ts"
import type { DockerClient } from "../vm/engine/DockerClient.ts"
import type { DockerError } from "../vm/engine/DockerError.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import type { ProbeAnswer } from "../vm/probes/ProbeAnswer.ts"
import { Prober } from "../vm/probes/Prober.ts"
import { type Hook, hookText } from "../workload/Lifecycle.ts"
import { maskOf } from "./hiddenValues.ts"
import { leastGrace } from "../plan/stopGrace.ts"
import { tell } from "../progress/Progress.ts"
import { reaching } from "./probeOnce.ts"
import { runInContainer } from "./runInContainer.ts"

/** Runs a hook of a container that runs, to its end. Of an HTTP request any answer is success, as to the kubelet. */
export const runHook = (
  container: ContainerInspection,
  hook: Hook
): Effect.Effect<ProbeAnswer, DockerError | OperationTimeout, DockerClient | Prober> => {
  switch (hook._tag) {
    case "Exec":
      return runInContainer(container, hook)
    case "Sleep":
      return Effect.as(Effect.sleep(Duration.seconds(hook.seconds)), { isSuccess: true, detail: "slept" })
    case "HttpGet":
      return Effect.gen(function* () {
        const prober = yield* Prober
        const answer = yield* reaching(container, hook, (target) => prober.httpGet(target, hook))
        return { ...answer, isSuccess: answer.isSuccess || answer.status !== undefined }
      })
  }
}

/**
 * Runs a container's preStop hook within its grace period, of which it gives what is left. A hook that fails, or takes
 * longer, keeps nothing from being stopped.
 */
export const runPreStop = Effect.fnUntraced(function* (container: ContainerInspection, grace: Duration.Duration) {
  const hook = container.config.hooks?.preStop
  if (hook === undefined || container.status !== "running" || Duration.isZero(grace)) return grace
  const took = yield* stopwatch
  // What it says may hold values of a declaration that is not in force any more.
  const mask = maskOf(container.config)
  const failed = (why: string) =>
    tell({ _tag: "Warning", text: `the preStop hook of ${container.name} (${hookText(hook)}) failed: ${mask(why)}` })
  yield* runHook(container, hook).pipe(
    Effect.timeoutOrElse({
      duration: grace,
      orElse: () => Effect.succeed({ isSuccess: false, detail: `it did not end within ${seconds(grace)}` })
    }),
    Effect.matchEffect({
      onFailure: (error) => failed(error.message),
      onSuccess: ({ isSuccess, detail }) => (isSuccess ? Effect.void : failed(detail))
    })
  )
  return Duration.max(leastGrace, Duration.subtract(grace, yield* took))
})
