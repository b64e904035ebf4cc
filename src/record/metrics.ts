import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"
import { hasActed } from "./Recording.ts"
import type { Status } from "./Status.ts"
import type { EndedRun } from "./statusOf.ts"

/** What is counted of runs, as metrics of Effect: whoever exports them has them. `unit` is UCUM's. */
export const metrics = {
  runs: Metric.counter("slipway.runs", {
    description: "Runs that have ended; `result` is that of the status.",
    attributes: { unit: "{run}" },
    bigint: true,
    incremental: true
  }),
  failures: Metric.counter("slipway.failures", {
    description: "Runs that failed or were held back; `error` is the error's kind.",
    attributes: { unit: "{run}" },
    bigint: true,
    incremental: true
  }),
  restarts: Metric.counter("slipway.restarts", {
    description:
      "Restarts by the engine that runs have seen, and by the agent for a probe; `container` is the container's name in the declaration.",
    attributes: { unit: "{restart}" },
    bigint: true,
    incremental: true
  }),
  timeToRunning: Metric.histogram("slipway.time_to_running", {
    description: "From the beginning of a run that had something to do until all that is declared was up.",
    attributes: { unit: "s" },
    boundaries: [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800]
  })
} as const

/** Counts a run that has ended; `previous` is the status before it, in the same boot. */
export const countRun = Effect.fnUntraced(function* (run: EndedRun, previous: Status | undefined) {
  yield* Metric.update(Metric.withAttributes(metrics.runs, { result: run.result }), 1n)
  if (run.error !== null) {
    yield* Metric.update(Metric.withAttributes(metrics.failures, { error: run.error.tag }), 1n)
  }
  const known = new Map((previous?.running ?? []).map(({ id, restarts }) => [id, restarts]))
  for (const { id, name, container, restarts } of run.running ?? []) {
    const more = restarts - (known.get(id) ?? 0)
    if (more > 0) yield* countRestarts(container ?? name, more)
  }
  if (run.result === "done" && hasActed(run)) yield* Metric.update(metrics.timeToRunning, run.tookMillis / 1000)
})

/** Counts restarts of a container, by its name in the declaration. */
export const countRestarts = (container: string, count: number): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(metrics.restarts, { container }), BigInt(count))
