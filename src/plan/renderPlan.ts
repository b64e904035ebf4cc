import * as Option from "effect/Option"
import { planText } from "../progress/PlanDescription.ts"
import { describePlan, stepJson } from "./describe.ts"
import type { Plan } from "./Plan.ts"

/** A plan for people. */
export const renderPlan = (plan: Plan): string => planText(describePlan(plan))

/**
 * A plan for programs. `version` changes where a program would have to know; what is added does not change it. It has the
 * names of environment variables only, and the number of words of a command and its arguments: what they say may be a
 * secret.
 */
export const planJson = ({ containers, gone, provisional, steps, warnings }: Plan): string =>
  JSON.stringify(
    {
      version: 1,
      containers: containers.map(({ kept, cause, ...container }) => ({
        ...container,
        kept: Option.getOrNull(Option.map(kept, ({ id, name, status }) => ({ id, name, status }))),
        cause: cause ?? null
      })),
      gone,
      provisional,
      steps: steps.map(stepJson),
      warnings
    },
    null,
    2
  )
