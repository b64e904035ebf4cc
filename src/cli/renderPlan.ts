import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { Plan } from "../startup/Plan.ts"
import type { Action } from "../startup/Step.ts"
import { describe } from "../startup/words.ts"

/** A plan for people: each step with its cause and what it waits for. */
export const renderPlan = (plan: Plan): string => {
  const numbers = new Map(plan.steps.map((step, index) => [step.id, index + 1]))
  const width = `${plan.steps.length}`.length
  const indent = " ".repeat(width + 4)
  const steps = plan.steps.flatMap((step, index) => {
    const needs = step.needs.map((id) => numbers.get(id)).filter((number) => number !== undefined)
    return [
      `${`${index + 1}`.padStart(width + 2)}  ${describe(step.action)}`,
      `${indent}because ${step.cause}`,
      ...(needs.length === 0 ? [] : [`${indent}after ${needs.join(", ")}`])
    ]
  })
  const head = Option.match(plan.kept, {
    onSome: ({ name, status }) =>
      plan.steps.length === 0
        ? `Nothing to do: ${name} is as declared (${status}).`
        : plan.provisional
          ? `${name} is as declared (${status}). To do: ${count(plan.steps.length)}. It stays if the pull brings the image that it was created from, and is replaced otherwise.`
          : `${name} is as declared (${status}) and stays. To do: ${count(plan.steps.length)}.`,
    onNone: () => `${plan.name} is to be started: ${count(plan.steps.length)}.`
  })
  return [head, ...steps, ...plan.warnings.map((text) => `warning: ${text}`)].join("\n")
}

const count = (steps: number) => (steps === 1 ? "1 step" : `${steps} steps`)

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
