import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { apply, type StepRecord } from "../apply/apply.ts"
import type { Created } from "../apply/Created.ts"
import { makeRecord } from "../observation/ContainerRecord.ts"
import type { Observation } from "../observation/Observation.ts"
import { describeFound } from "../observation/describeFound.ts"
import { imagesOf } from "../workload/images.ts"
import { describePlan } from "../plan/describe.ts"
import { type Plan, plan } from "../plan/Plan.ts"
import { policyBeforeAside } from "../observation/Ownership.ts"
import type { NextTry } from "../progress/Aftermath.ts"
import { tell } from "../progress/Progress.ts"
import { EngineWentAway, type Noted, notingAway } from "./EngineWentAway.ts"
import { holdBack, rememberFailedStart } from "./FailedStart.ts"
import { recover } from "./recover.ts"
import { look, pulledImages, type Run } from "./Run.ts"
import { isEngineAway } from "../vm/engine/DockerError.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"

/** The result of matching the VM to its declaration. */
export interface Matched {
  readonly plan: Plan
  readonly observation: Observation
  readonly steps: ReadonlyArray<StepRecord>
  readonly warnings: ReadonlyArray<string>
  readonly created: Created
}

/** What a run keeps from one plan to the next. */
export interface Memory {
  /** The warnings that were reported. */
  readonly warned: Set<string>
  /** The last of its plans; undefined before there is any. */
  planned: Plan | undefined
  /** When what failed is retried. */
  nextTry: NextTry | undefined
}

/**
 * Plans and applies until the VM matches. If only a pull could show which image a reference stands for, it plans again
 * after the pull; if the engine turns out to hold a name for no container that it lists, it plans again with the next
 * name.
 */
export const match = Effect.fnUntraced(function* (run: Run, observed: Observation, memory: Memory) {
  const first = yield* matchOnce(run, observed, memory)
  if (!first.plan.provisional) return first
  const second = yield* matchOnce(run, yield* look(run, pulledImages(first.observation.images, run.workload)), memory)
  const matched: Matched = {
    ...second,
    steps: [...first.steps, ...second.steps],
    warnings: [...first.warnings, ...second.warnings]
  }
  return matched
})

const matchOnce = Effect.fnUntraced(function* (run: Run, observed: Observation, memory: Memory) {
  const { workload, names, settings, pulls } = run
  let observation = observed
  for (;;) {
    yield* tell({ _tag: "Observed", found: describeFound(observation, imagesOf(workload)) })
    const planned = yield* Effect.fromResult(plan(workload, observation, names, settings))
    memory.planned = planned
    if (!settings.retry) yield* holdBack(planned, observation)
    for (const text of planned.warnings) {
      if (!memory.warned.has(text)) yield* tell({ _tag: "Warning", text })
      memory.warned.add(text)
    }
    yield* tell({ _tag: "Planned", plan: describePlan(planned) })
    const { unusableNames, mountRoot, images } = observation
    const noted: Noted = { wasAway: false, jobs: [] }
    const outcome = yield* notingAway(apply(planned, pulls, mountRoot), noted).pipe(
      Effect.map((applied) => ({ _tag: "Applied" as const, applied })),
      Effect.catchTag("ApplyFailed", (failed) =>
        Effect.gen(function* () {
          const { error, isRolledBack } = failed
          if (error._tag === "ContainerNameInUse" && !unusableNames.some(({ name }) => name === error.name)) {
            const { name, holder } = error
            return { _tag: "NameRefused" as const, refused: { name, holder } }
          }
          // What it has ended of them as they started is run again: it is not they that have failed.
          if (noted.wasAway) yield* (yield* makeRecord("restarting")).begin(...noted.jobs)
          if (noted.wasAway && isOfTheEngine(error)) {
            return yield* new EngineWentAway({ detail: error.message })
          }
          if (isRolledBack) memory.nextTry = yield* rememberFailedStart(planned, observation, error)
          else if (observation.containers.some(isSetAside)) {
            yield* Effect.ignore(goBack(run, observation, error, memory))
          }
          return yield* failed
        })
      )
    )
    if (outcome._tag === "Applied") {
      const matched: Matched = { plan: planned, observation, ...outcome.applied }
      return matched
    }
    // What was begun has been rolled back: try the same under another name.
    const again = yield* look(run, Effect.succeed(images))
    observation = { ...again, unusableNames: [...unusableNames, outcome.refused] }
  }
})

/** Of an engine that went away meanwhile it says nothing of what was declared. */
const isOfTheEngine = (error: Error & { readonly _tag: string }): boolean =>
  error._tag === "ContainerFailed" || error._tag === "JobFailed" || isEngineAway(error)

const isSetAside = (container: ContainerInspection): boolean => Option.isSome(policyBeforeAside(container))

/**
 * The switch of a run that died has failed after all: what ran before it is brought back at once, and the start is held
 * back as if this run had begun it.
 */
const goBack = Effect.fnUntraced(function* (
  run: Run,
  { images, mountRoot }: Observation,
  error: { readonly message: string },
  memory: Memory
) {
  if (!(yield* recover(run.names, mountRoot))) return
  const observation = yield* look(run, Effect.succeed(images))
  const planned = yield* Effect.fromResult(plan(run.workload, observation, run.names, run.settings))
  memory.nextTry = yield* rememberFailedStart(planned, observation, error)
})
