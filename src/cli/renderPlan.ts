import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { Plan } from "../startup/Plan.ts"
import type { Action } from "../startup/Step.ts"

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
      return { kind: action._tag, container: action.container.name }
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

/** A step in a few words. */
export const describe = (action: Action): string => {
  switch (action._tag) {
    case "Pull":
      return `pull ${action.image.text}`
    case "Format":
      return `format ${action.device} as ext4`
    case "Check":
      return `check the filesystem on ${action.device}`
    case "CreateDirectory":
      return `create the directory ${action.path}`
    case "Mount": {
      const { source, target, type, options } = action.mount
      return `mount ${type === "tmpfs" ? "a tmpfs" : source} at ${target}${options.includes("ro") ? " read-only" : ""}`
    }
    case "Unmount":
      return `unmount ${action.mount.target}`
    case "OpenFirewall":
      return "open the firewall for tcp, udp and icmp"
    case "CloseFirewall":
      return "remove our firewall rules"
    case "Stop":
      return `stop ${action.container.name}, with ${Duration.format(action.grace)} to end by itself`
    case "SetAside":
      return `set ${action.container.name} aside as ${action.name}`
    case "Create":
      return `create ${action.spec.name}`
    case "Start":
      return `start ${action.name}`
    case "Confirm":
      return `see that ${action.name} stays up for ${Duration.format(action.window)}`
    case "Remove":
      return `remove ${action.container.name}`
  }
}
