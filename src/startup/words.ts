import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import type { Action } from "./Step.ts"

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

/** What failed at a step, in the first line of its error, which may name the step itself. */
export const describeFailure = (action: Action, message: string): string => {
  const [said = ""] = message.split("\n")
  const step = describe(action)
  // A pull names the image in full, and its digest.
  const isNamed =
    said.replace(/^(\w+) container /, "$1 ").startsWith(`${step}: `) ||
    (action._tag === "Pull" && said.startsWith("pull "))
  return isNamed ? said : `${step}: ${said}`
}

/** `0.04 s`, `3.2 s`, `125 s` */
export const seconds = (duration: Duration.Duration): string => {
  const value = Duration.toMillis(duration) / 1000
  return `${value < 1 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)} s`
}
