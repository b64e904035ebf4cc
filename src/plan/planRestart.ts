import type * as Duration from "effect/Duration"
import type { PlanDescription } from "../progress/PlanDescription.ts"
import type { ContainerInspection } from "../vm/engine/Inspection.ts"
import { describeStep } from "./describe.ts"
import { type Step, StepList } from "./Step.ts"
import { graceOf } from "./stopGrace.ts"

/** What is to be done with a container whose probe failed. */
export interface RestartDemand {
  readonly container: ContainerInspection
  /** `its livenessProbe (GET :8080/healthz) failed 3 times in a row, at last: HTTP 503` */
  readonly cause: string
  /** Undefined: it has been stopped already. */
  readonly stop: { readonly grace: Duration.Duration } | undefined
  /** Undefined: it stays stopped, for a while or for good. `cause` says why now. */
  readonly start: { readonly cause: string; readonly isProbed: boolean } | undefined
}

/**
 * Stops a container and starts the same one again, as the kubelet does; nothing is created, and what it shares with others
 * goes on. Pure.
 */
export const planRestart = ({ container, cause, stop, start }: RestartDemand): ReadonlyArray<Step> => {
  const steps = new StepList()
  const { id, name, restartPolicy } = container
  const stopped =
    stop === undefined ? [] : [steps.add("stop", name, { _tag: "Stop", container, grace: stop.grace }, cause, [])]
  if (start === undefined) return steps.inOrder
  const hook = container.config.hooks?.postStart
  const begun = steps.add(
    "start",
    name,
    {
      _tag: "StartAgain",
      container,
      restartPolicy,
      grace: graceOf(container),
      isRestart: true,
      isProbed: start.isProbed,
      isHooked: hook !== undefined
    },
    start.cause,
    stopped
  )
  if (hook !== undefined) {
    const action = { _tag: "PostStart", name, hook, restartPolicy, kept: { id, restarts: 0 } } as const
    steps.add("hook", name, action, "it is not up before its postStart hook has succeeded", [begun])
  }
  return steps.inOrder
}

/** The same for people. */
export const describeRestart = (
  { container: { name }, stop, start }: RestartDemand,
  steps: ReadonlyArray<Step>
): PlanDescription => ({
  summary: `${name} is to be ${stop === undefined ? "started again" : start === undefined ? "stopped" : "restarted"}: ${
    steps.length === 1 ? "1 step" : `${steps.length} steps`
  }.`,
  steps: steps.map(describeStep),
  warnings: []
})
