import * as Deferred from "effect/Deferred"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type { StepRecord } from "../apply/apply.ts"
import { isActive } from "../observation/Observation.ts"
import type { DownPlan } from "../plan/planDown.ts"
import type { Step } from "../plan/Step.ts"
import type { ProgressEvent } from "../progress/Progress.ts"
import { stopwatch } from "../timing/stopwatch.ts"
import { DownTooLate } from "./DownTooLate.ts"
import { asDone, lastLook } from "./lastLook.ts"

/** How far a `down` has come, for one whose time is over before it has come to its end. */
export type DownSoFar = Effect.Success<ReturnType<typeof makeDownSoFar>>

export const makeDownSoFar = Effect.fnUntraced(function* (remove: boolean) {
  const sinceBegan = yield* stopwatch
  const recorded = yield* Deferred.make<void>()
  const askedToStop = new Set<string>()
  const begun = new Map<string, Duration.Duration>()
  const failed = new Map<string, string>()
  const warnings: Array<string> = []
  const done: Array<StepRecord> = []
  let waitedFor: DownTooLate["waitedFor"] = "the engine"
  let isClaimed = false
  let plan: DownPlan | undefined

  const note = (event: ProgressEvent, at: Duration.Duration): void => {
    if (event._tag === "Warning") warnings.push(event.text)
    if (event._tag === "StepStarted") begun.set(event.step.id, at)
    if (event._tag === "StepFailed") failed.set(event.step.id, event.message)
    if (event._tag !== "StepDone") return
    const step = plan?.steps.find(({ id }) => id === event.step.id)
    if (step !== undefined) done.push({ step, began: begun.get(step.id) ?? at, took: event.duration })
  }

  /** As the engine lists them; as they are bound to be by what was done, where it does not answer soon. */
  const containersOf = ({ containers }: DownPlan, within: Duration.Duration) => {
    const derived = asDone(containers, done)
    return lastLook(containers).pipe(
      Effect.timeoutOrElse({ duration: within, orElse: () => Effect.succeed(derived) }),
      Effect.orElseSucceed(() => derived)
    )
  }

  return {
    /** The engine has answered: it waits for its turn. */
    reached: Effect.sync(() => void (waitedFor = "another run")),
    /** It has its turn. */
    begun: Effect.sync(() => void (waitedFor = undefined)),
    planned: (made: DownPlan) => Effect.sync(() => void (plan = made)),
    asked: (id: string) => Effect.sync(() => void askedToStop.add(id)),
    listening: (listen: (event: ProgressEvent) => Effect.Effect<void>) => (event: ProgressEvent) =>
      Effect.andThen(
        Effect.map(sinceBegan, (at) => note(event, at)),
        listen(event)
      ),
    /** Whether the run is still to be recorded, which whoever asks does then. */
    claimRecord: (): boolean => !isClaimed && (isClaimed = true),
    /** Waits until it is recorded by whoever has claimed that. */
    recorded: Deferred.await(recorded),
    isRecorded: Deferred.succeed(recorded, undefined),
    /** What there is to say once the time is over, and nothing more is asked of the engine. Looks for `within`. */
    tooLate: Effect.fnUntraced(function* (limit: Duration.Duration, within: Duration.Duration) {
      const containers = plan === undefined ? [] : yield* containersOf(plan, within)
      const up = new Set(
        containers.flatMap(({ id, status }) => (status !== "gone" && isActive({ status }) ? [id] : []))
      )
      const isDone = ({ id, action }: Step): boolean =>
        done.some(({ step }) => step.id === id) || (action._tag === "Stop" && !up.has(action.container.id))
      return new DownTooLate({
        limit,
        waitedFor,
        askedToStop,
        failed,
        undone: plan?.steps.filter((step) => !isDone(step)) ?? [],
        report: { containers, remove, steps: done, warnings, took: yield* sinceBegan }
      })
    })
  }
})
