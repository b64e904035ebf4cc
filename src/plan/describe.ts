import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { PlanDescription, StepDescription } from "../progress/PlanDescription.ts"
import type { Plan } from "./Plan.ts"
import type { Action, Step } from "./Step.ts"

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
      const how = options.includes("noload")
        ? " read-only, its journal not replayed"
        : options.includes("ro")
          ? " read-only"
          : ""
      return `mount ${type === "tmpfs" ? "a tmpfs" : source} at ${target}${how}`
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
      return action.name === action.container.name
        ? `${Option.isSome(action.grace) ? "stop and remove" : "remove"} ${action.name}`
        : `remove the old ${action.container.name}, set aside as ${action.name}`
  }
}

/** A step as people are told of it. */
export const describeStep = ({ id, action, cause, needs }: Step): StepDescription => {
  const text = describe(action)
  return {
    id,
    kind: action._tag,
    text,
    cause,
    needs,
    undone:
      action._tag === "Stop"
        ? `the container that ran before runs again: ${action.container.name}`
        : `rolled back: ${text}`
  }
}

/** A plan as people are told of it. */
export const describePlan = (plan: Plan): PlanDescription => ({
  summary: summary(plan),
  steps: plan.steps.map(describeStep),
  warnings: plan.warnings
})

const summary = ({ name, kept, provisional, steps }: Plan): string =>
  Option.match(kept, {
    onSome: ({ name, status }) =>
      steps.length === 0
        ? `Nothing to do: ${name} is as declared (${status}).`
        : provisional
          ? `${name} is as declared (${status}). To do: ${count(steps.length)}. It stays if the pull brings the image that it was created from, and is replaced otherwise.`
          : `${name} is as declared (${status}) and stays. To do: ${count(steps.length)}.`,
    onNone: () => `${name} is to be started: ${count(steps.length)}.`
  })

const count = (steps: number) => (steps === 1 ? "1 step" : `${steps} steps`)
