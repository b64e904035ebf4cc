import type { PlanDescription } from "../progress/PlanDescription.ts"
import { describeStep, stepJson } from "./describe.ts"
import type { DownPlan } from "./planDown.ts"

/** What is to be done to have nothing of ours run, described for people. */
export const describeDown = (plan: DownPlan): PlanDescription => ({
  summary: summary(plan),
  steps: plan.steps.map(describeStep),
  warnings: plan.warnings
})

const summary = ({ containers, remove, steps }: DownPlan): string => {
  if (steps.length === 0) return "Nothing to do: no container of ours runs."
  const todo = `${steps.length === 1 ? "1 step" : `${steps.length} steps`}`
  const going = containers.filter(({ isStopped }) => remove || isStopped).map(({ name }) => name)
  if (going.length === 0) return `No container of ours runs. To do: ${todo}.`
  return `${going.join(", ")} ${going.length === 1 ? "is" : "are"} to be ${remove ? "removed" : "stopped"}: ${todo}.`
}

/** The same for programs. Its shape has a version, which changes where a program would have to know. */
export const downPlanJson = ({ containers, remove, steps, warnings }: DownPlan): string =>
  JSON.stringify(
    {
      version: 1,
      remove,
      containers: containers.map(
        ({ id, name, container = null, role, image = null, status, isStopped, isToReturn }) => ({
          id,
          name,
          container,
          role,
          image,
          status,
          isStopped,
          isToReturn: isToReturn && !remove
        })
      ),
      steps: steps.map(stepJson),
      warnings
    },
    null,
    2
  )
