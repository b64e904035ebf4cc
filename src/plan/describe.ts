import * as Duration from "effect/Duration"
import type { PlanDescription, StepDescription } from "../progress/PlanDescription.ts"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { ContainerSecurity } from "../vm/engine/ContainerSecurity.ts"
import type { FirewallPort } from "../vm/firewall/FirewallRules.ts"
import { pullReference } from "../workload/ImageReference.ts"
import { hookText } from "../workload/Lifecycle.ts"
import { type Probe, probeText } from "../workload/Probe.ts"
import { sizeText } from "./diskGrowth.ts"
import { fileMode } from "./filesMode.ts"
import { isWithoutJournal } from "./diskNeeds.ts"
import { isStarted } from "./comparison.ts"
import type { Plan } from "./Plan.ts"
import type { Action, Step } from "./Step.ts"

/** The description of one kind of action: for people, and for programs. */
interface Description<A> {
  readonly text: (action: A) => string
  /** No value of a variable and no word of a command is in it: either may be a secret. */
  readonly json: (action: A) => object
}

const removal: Description<{ readonly path: string }> = {
  text: ({ path }) => `remove ${path} and all that is in it`,
  json: ({ path }) => ({ path })
}

const descriptions: { readonly [A in Action as A["_tag"]]: Description<A> } = {
  Pull: {
    text: ({ image }) => `pull ${image.text}`,
    json: ({ image }) => ({ image: image.text })
  },
  JudgeUser: {
    text: ({ declared }) => `see that ${declared.text} does not run as root`,
    json: ({ containerName, declared }) => ({ container: containerName, image: declared.text })
  },
  Format: {
    text: ({ device, filesystem }) => `format ${device} as ${filesystem}`,
    json: ({ device, volume, filesystem, proof }) => ({ device, volume, filesystem, proof })
  },
  Check: {
    text: ({ device }) => `check the filesystem on ${device}`,
    json: ({ device, volume }) => ({ device, volume })
  },
  CreateDirectory: {
    text: ({ path }) => `create the directory ${path}`,
    json: ({ path, mode }) => ({ path, ...(mode === undefined ? {} : { mode }) })
  },
  CreateFile: {
    text: ({ path }) => `create the file ${path}`,
    json: ({ path }) => ({ path })
  },
  MakeEmptyDir: {
    text: ({ volume, path }) => `make an empty directory for the volume ${volume}: ${path}`,
    json: ({ volume, path }) => ({ volume, path })
  },
  RemoveEmptyDir: removal,
  WriteFiles: {
    text: ({ files, volume }) =>
      `write ${files.length === 1 ? "1 file" : `${files.length} files`} of the volume ${volume}, in memory`,
    json: ({ volume, files, gid }) => ({
      volume,
      files: files.map(({ path, mode, data }) => ({
        path,
        mode: fileMode(mode, gid),
        bytes: Redacted.value(data).length
      })),
      ...(gid === undefined ? {} : { gid })
    })
  },
  RemoveFiles: removal,
  Mount: {
    text: ({ mount }) => {
      const { source, target, type, options } = mount
      const how = isWithoutJournal(mount)
        ? " read-only, its journal not replayed"
        : options.includes("ro")
          ? " read-only"
          : ""
      return `${options.includes("bind") ? "bind" : "mount"} ${type === "tmpfs" ? "a tmpfs" : source} at ${target}${how}`
    },
    json: ({ mount }) => ({ mount })
  },
  BindSubPath: {
    text: ({ root, subPath, target }) => `bind ${root}/${subPath} at ${target}`,
    json: ({ volume, root, subPath, target }) => ({ volume, root, subPath, target })
  },
  SetGroup: {
    text: ({ volume, group: { gid, onlyOnMismatch } }) =>
      `give the volume ${volume} to the group ${gid}${onlyOnMismatch ? ", unless its root belongs to it" : ""}`,
    json: ({ volume, target, group }) => ({ volume, target, group })
  },
  Grow: {
    text: ({ mounted: { device, filesystem }, growth: { fromBytes, toBytes } }) =>
      `grow the ${filesystem} filesystem on ${device} from ${sizeText(fromBytes)} to ${sizeText(toBytes)}`,
    json: ({ mounted, growth }) => ({ ...mounted, ...growth })
  },
  Unmount: {
    text: ({ mount }) => `unmount ${mount.target}`,
    json: ({ mount }) => ({ mount })
  },
  OpenFirewall: {
    text: () => "open the firewall for tcp, udp and icmp",
    json: () => ({})
  },
  OpenPorts: {
    text: ({ ports }) => `open the firewall for ${ports.map(portText).join(", ")}`,
    json: ({ ports }) => ({ ports: ports.map(portText) })
  },
  CloseFirewall: {
    text: () => "remove our firewall rules",
    json: () => ({})
  },
  ImportImage: {
    text: () => "make the image of the sandbox",
    json: ({ image }) => ({ image: image.text })
  },
  CreateNetwork: {
    text: ({ network }) => `create the network ${network.name}`,
    json: ({ network }) => ({ network })
  },
  RemoveNetwork: {
    text: ({ name }) => `remove the network ${name}`,
    json: ({ name }) => ({ network: name })
  },
  Adjust: {
    text: ({ container, name, restartPolicy }) =>
      [
        ...(container.status === "paused" ? [`unpause ${container.name}`] : []),
        ...(container.name === name ? [] : [`rename ${container.name} to ${name}`]),
        ...(container.restartPolicy.name === restartPolicy.name
          ? []
          : [`set the restart policy of ${name} to "${restartPolicy.name}"`])
      ].join(", and "),
    json: ({ container, name, restartPolicy }) => ({
      container: container.name,
      name,
      restartPolicy: restartPolicy.name,
      ...(container.status === "paused" ? { unpaused: true } : {})
    })
  },
  Disarm: {
    text: ({ container }) => `set the restart policy of ${container.name} to "no"`,
    json: ({ container }) => ({ container: container.name, restartPolicyBefore: container.restartPolicy.name })
  },
  Stop: {
    text: ({ container, grace }) => `stop ${container.name}, with a grace period of ${Duration.format(grace)}`,
    json: ({ container, grace }) => ({ container: container.name, graceSeconds: Duration.toSeconds(grace) })
  },
  SetAside: {
    text: ({ container, name }) => `set ${container.name} aside as ${name}`,
    json: ({ container, name }) => ({ container: container.name, name })
  },
  Create: {
    text: ({ spec }) => `create ${spec.name}`,
    json: ({ spec: { env, entrypoint, cmd, security, ...rest } }) => ({
      container: {
        ...rest,
        ...(security === undefined ? {} : { security: shortened(security) }),
        entrypointWords: entrypoint?.length ?? null,
        cmdWords: cmd?.length ?? null,
        env: env.map(({ name }) => name)
      }
    })
  },
  Start: {
    text: ({ name }) => `start ${name}`,
    json: ({ name }) => ({ container: name })
  },
  StartAgain: {
    text: ({ container }) => `start ${container.name} again`,
    json: ({ container, restartPolicy }) => ({ container: container.name, restartPolicy: restartPolicy.name })
  },
  PostStart: {
    text: ({ name, hook }) => `run the postStart hook of ${name}: ${hookText(hook)}`,
    json: ({ name, hook }) => ({ container: name, hook: hookText(hook) })
  },
  RunToEnd: {
    text: ({ name }) => `run the init container ${name} to its end`,
    json: ({ name, restartPolicy }) => ({ container: name, restartPolicy })
  },
  Confirm: {
    text: ({ name, window }) => `see that ${name} stays up for ${Duration.format(window)}`,
    json: ({ name, window }) => ({ container: name, seconds: Duration.toSeconds(window) })
  },
  Probe: {
    text: ({ kind, name, probe }) =>
      `probe ${name} until it ${kind === "startup" ? "has started" : "is ready"}: ${probeText(probe)}, ${pace(probe)}`,
    json: ({ kind, name, probe: { handler, ...numbers } }) => ({
      container: name,
      probe: kind,
      handler: probeText({ handler }),
      ...numbers
    })
  },
  Remove: {
    text: ({ container, name, grace }) =>
      name === container.name
        ? `${Option.isSome(grace) ? "stop and remove" : "remove"} ${name}`
        : `remove the old ${container.name}, set aside as ${name}`,
    json: ({ container, name }) => ({ container: container.name, name })
  }
}

/** A whole seccomp profile says nothing to who reads a plan. */
const shortened = ({ seccomp, ...security }: ContainerSecurity): object => ({
  ...security,
  ...(seccomp === undefined ? {} : { seccomp: seccomp === "unconfined" ? seccomp : "Localhost" })
})

/** `80/tcp` */
const portText = ({ port, protocol }: FirewallPort): string => `${port}/${protocol}`

/** `every 10 s, at most 3 failures in a row` */
const pace = ({ initialDelaySeconds, periodSeconds, successThreshold, failureThreshold }: Probe): string =>
  [
    ...(initialDelaySeconds === 0 ? [] : [`first after ${initialDelaySeconds} s`]),
    `every ${periodSeconds} s`,
    ...(successThreshold === 1 ? [] : [`${successThreshold} successes in a row`]),
    failureThreshold === 1 ? "no failure" : `fewer than ${failureThreshold} failures in a row`
  ].join(", ")

const descriptionOf = <A extends Action>(action: A): Description<A> =>
  // The table has for each tag what takes the action of that tag, which the compiler cannot follow through a union.
  descriptions[action._tag] as unknown as Description<A>

/** A step in a few words. */
export const describe = (action: Action): string => descriptionOf(action).text(action)

/** What a step does, for programs. */
export const actionJson = (action: Action): object => ({ kind: action._tag, ...descriptionOf(action).json(action) })

/** A step for programs. */
export const stepJson = ({ id, subject, action, cause, needs }: Step): object => ({
  id,
  subject,
  action: actionJson(action),
  cause,
  needs
})

/** A step, described for people. */
export const describeStep = ({ id, action, cause, needs }: Step): StepDescription => {
  const text = describe(action)
  const container = containerOf(action)
  return {
    id,
    kind: action._tag,
    text,
    ...(container === undefined ? {} : { container }),
    ...(action._tag === "Pull" ? { image: pullReference(action.image) } : {}),
    cause,
    needs,
    undone: undone(action)
  }
}

const containerOf = (action: Action): string | undefined => {
  switch (action._tag) {
    case "Create":
      return action.spec.name
    case "Start":
    case "PostStart":
    case "RunToEnd":
    case "Confirm":
    case "Probe":
      return action.name
    case "Adjust":
    case "Disarm":
    case "Stop":
    case "SetAside":
    case "StartAgain":
    case "Remove":
      return action.container.name
    default:
      return undefined
  }
}

/** A new container may have the name of the one before it: which of them is meant has to be said. */
const undone = (action: Action): string => {
  switch (action._tag) {
    case "Create":
      return `the new container is removed again: ${action.spec.name}`
    case "Stop":
      return `the container that ran before runs again: ${action.container.name}`
    case "StartAgain":
      return `it is stopped again, as it was: ${action.container.name}`
    case "SetAside":
      return `the earlier container has its name again: ${action.container.name}`
    default:
      return `rolled back: ${describe(action)}`
  }
}

/** A plan, described for people. */
export const describePlan = (plan: Plan): PlanDescription => ({
  summary: summary(plan),
  steps: plan.steps.map(describeStep),
  warnings: plan.warnings
})

/** The containers that are left alone, those that are to be started, and how much there is to do. */
const summary = ({ containers, provisional, steps }: Plan): string => {
  const kept = containers.flatMap(({ kept, fate }) =>
    Option.match(kept, {
      onNone: () => [],
      onSome: ({ name, status }) => (fate === "stopped" ? [] : [`${name} is as declared (${status})`])
    })
  )
  const started = containers.filter(isStarted).map(({ name }) => name)
  if (steps.length === 0) return `Nothing to do: ${kept.join(", ")}.`
  const todo = `${steps.length === 1 ? "1 step" : `${steps.length} steps`}`
  if (provisional && kept.length === 0) return `To do first: ${todo}. What follows depends on the images that come.`
  if (provisional) {
    const [it, stays, is] = kept.length === 1 ? ["It", "stays", "is"] : ["They", "stay", "are"]
    return (
      `${kept.join(", ")}. To do: ${todo}. ` +
      `${it} ${stays} if the pull brings the image that it was created from, and ${is} replaced otherwise.`
    )
  }
  if (started.length === 0) return `${kept.join(", ")} and ${kept.length === 1 ? "stays" : "stay"}. To do: ${todo}.`
  const stay = kept.length === 0 ? "" : ` ${kept.join(", ")} and ${kept.length === 1 ? "stays" : "stay"}.`
  return `${started.join(", ")} ${started.length === 1 ? "is" : "are"} to be started: ${todo}.${stay}`
}
