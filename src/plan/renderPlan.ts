import { describePlan } from "./describe.ts"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { planText } from "../progress/PlanDescription.ts"
import type { Plan } from "./Plan.ts"
import type { Action } from "./Step.ts"

/** A plan for people. */
export const renderPlan = (plan: Plan): string => planText(describePlan(plan))

/**
 * A plan for programs. Of environment variables only the names are in it, of the command and its arguments only how many
 * words they have: what they say may be a secret.
 */
export const planJson = (plan: Plan): string =>
  JSON.stringify(
    {
      name: plan.name,
      kept: Option.getOrNull(Option.map(plan.kept, ({ id, name, status }) => ({ id, name, status }))),
      provisional: plan.provisional,
      steps: plan.steps.map(({ id, action, cause, needs }) => ({ id, action: actionJson(action), cause, needs })),
      warnings: plan.warnings
    },
    null,
    2
  )

const actionJson = (action: Action): object => {
  switch (action._tag) {
    case "Pull":
      return { kind: action._tag, image: action.image.text }
    case "Stop":
      return { kind: action._tag, container: action.container.name, graceSeconds: Duration.toSeconds(action.grace) }
    case "SetAside":
      return { kind: action._tag, container: action.container.name, name: action.name }
    case "Remove":
      return { kind: action._tag, container: action.container.name, name: action.name }
    case "Create": {
      const { env, entrypoint, cmd, ...rest } = action.spec
      const words = { entrypointWords: entrypoint?.length ?? null, cmdWords: cmd?.length ?? null }
      return { kind: action._tag, container: { ...rest, ...words, env: env.map(({ name }) => name) } }
    }
    case "Confirm":
      return { kind: action._tag, container: action.name, seconds: Duration.toSeconds(action.window) }
    case "Start":
      return { kind: action._tag, container: action.name }
    default: {
      const { _tag: kind, ...rest } = action
      return { kind, ...rest }
    }
  }
}
