import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { imageOf, isActive, isImagePresent, isLost, type Observation } from "../observation/Observation.ts"
import type { OurContainer } from "../observation/Observation.ts"
import { asideName, policyBeforeAside } from "../observation/Ownership.ts"
import { type ImageReference, pullReference } from "../workload/ImageReference.ts"
import type { Workload } from "../workload/Workload.ts"
import type { Comparison, Fate, OldContainer } from "./comparison.ts"
import { bridge } from "./podNetwork.ts"
import type { ContainerSpec } from "../vm/engine/ContainerSpec.ts"
import type { Accepted } from "../vm/firewall/FirewallRules.ts"
import { canBind } from "./containerSpec.ts"
import type { Member } from "./Member.ts"
import { doubtSteps } from "./planDoubt.ts"
import { firewallSteps } from "./planFirewall.ts"
import { leavingMounts, type MountNeeds, mountSteps, prepareSteps } from "./planMounts.ts"
import type { PlanSettings } from "./PlanSettings.ts"
import type { Action, StepList } from "./Step.ts"

/** How long a container has between SIGTERM and SIGKILL. */
export const stopGrace = Duration.seconds(10)

/** What the steps of a switch follow from. */
export interface Switch extends Comparison {
  readonly workload: Workload
  readonly observation: Observation
  readonly settings: PlanSettings
  readonly mountNeeds: MountNeeds
  /** What the firewall is to accept. */
  readonly accepted: Accepted
}

/**
 * Stops and removes what is not declared, where all that is declared is there. What runs, or ran until it was set aside for
 * a container that is kept, stays until that is known to be well.
 */
export const retirementSteps = (
  steps: StepList,
  old: ReadonlyArray<OldContainer>,
  needs: ReadonlyArray<string>
): void => {
  let ended: ReadonlyArray<string> = []
  for (const { container, cause } of old) {
    const isRunning = isActive(container)
    const isMarked = !isLost(container) && Option.isSome(policyBeforeAside(container))
    const grace = isRunning ? Option.some(stopGrace) : Option.none()
    const behind = isRunning || isMarked ? [...needs, ...(isRunning ? ended : [])] : []
    const id = addRemoval(steps, { container, name: container.name, grace }, causeOf(container, cause), behind)
    if (isRunning) ended = [id]
  }
}

/**
 * Puts new containers in the place of those that have to go; the others run on. What can be done while the old ones run is
 * done first. Then they are stopped, the last started first, and set aside, what they held is unmounted and mounted afresh,
 * and the new ones are created, started in their order, and confirmed. Only when all have come up are the old ones removed.
 */
export const switchSteps = (steps: StepList, plan: Switch): void => {
  const { workload, observation, settings, mountNeeds, accepted, fates, old } = plan
  const { disks } = mountNeeds
  const created = fates.filter(({ fate }) => fate === "new" || fate === "replaced")
  const leaving = leavingMounts(mountNeeds)
  const heldByOld = leaving.length > 0 && old.some(({ container }) => isActive(container))

  const images = created.flatMap(({ member }) => (member.role === "sandbox" ? [] : [member.container.image]))
  const before = [
    ...pullSteps(steps, images, observation),
    ...directorySteps(steps, workload, created),
    ...networkSteps(steps, created, observation)
  ]
  const prepared = new Map(disks.map((disk) => [disk, disk.held ? [] : prepareSteps(steps, disk, [])]))
  before.push(...[...prepared.values()].flat())
  if (!heldByOld) before.push(...mountSteps(steps, mountNeeds, leaving, prepared, []))
  before.push(...firewallSteps(steps, observation.firewall, accepted, before))

  const aside = asideSteps(steps, old, before)
  const mounted = heldByOld ? mountSteps(steps, mountNeeds, leaving, prepared, aside) : []
  const settled = [
    ...startSteps(steps, created, settings, [...before, ...aside, ...mounted]),
    ...fates.flatMap((fate) => doubts(steps, fate, plan))
  ]
  const done = Duration.isZero(settings.confirm) ? "has started" : "is confirmed"
  for (const { container, cause, member } of old) {
    const name = isLost(container) ? container.name : asideName(container)
    const because = member === undefined ? cause : `its successor ${done}`
    addRemoval(steps, { container, name, grace: Option.none() }, causeOf(container, because), settled)
  }
}

/** Confirms a container that is kept, where it does not look well. Gives back the ids of the steps. */
export const doubts = (
  steps: StepList,
  { member, kept }: Fate,
  { observation, settings }: Pick<Switch, "observation" | "settings">
): ReadonlyArray<string> =>
  Option.match(kept, {
    onNone: () => [],
    onSome: (container) =>
      isLost(container) || member.role === "init"
        ? []
        : doubtSteps(steps, subjectOf(member), container, observation, member.spec, settings)
  })

/**
 * Sets aside what has to go, and stops it. It is marked before it is stopped: a run that dies in between leaves a mark by
 * which the next knows what to bring back. Gives back the ids of the last steps.
 */
const asideSteps = (
  steps: StepList,
  old: ReadonlyArray<OldContainer>,
  needs: ReadonlyArray<string>
): ReadonlyArray<string> => {
  let ended: ReadonlyArray<string> = []
  return old.flatMap(({ container, cause }) => {
    const stop = (behind: ReadonlyArray<string>): string => {
      const action: Action = { _tag: "Stop", container, grace: stopGrace }
      const id = steps.add("stop", container.name, action, causeOf(container, cause), [...behind, ...ended])
      ended = [id]
      return id
    }
    // What is lost may not be renamed, and its name is avoided; what runs of it has to end all the same.
    if (isLost(container)) return isActive(container) ? [stop(needs)] : []
    const action: Action = { _tag: "SetAside", container, name: asideName(container) }
    const marked = steps.add("set aside", container.name, action, "it is kept until its successor is confirmed", needs)
    return [isActive(container) ? stop([marked]) : marked]
  })
}

/**
 * Creates containers all at once and starts them in their order: an init container runs to its end before what comes after
 * it, a sidecar is started in its place. Gives back the ids of the steps that settle that they have come up.
 */
const startSteps = (
  steps: StepList,
  created: ReadonlyArray<Fate>,
  { confirm }: PlanSettings,
  needs: ReadonlyArray<string>
): ReadonlyArray<string> => {
  // What joins a sandbox's network is created behind it.
  let sandbox: ReadonlyArray<string> = []
  for (const { member, fate } of created) {
    const because = fate === "new" ? "there is no such container yet" : "none of ours is what is declared"
    const { spec, container } = member
    const action: Action = { _tag: "Create", spec, image: container.image }
    const id = steps.add("create", subjectOf(member), action, because, [...needs, ...sandbox])
    if (member.role === "sandbox") sandbox = [id]
  }
  let before: ReadonlyArray<string> = []
  return created.flatMap(({ member }) => {
    const { role, spec, container } = member
    const subject = subjectOf(member)
    const behind = [...steps.last([subject]), ...before]
    if (role === "init") {
      const { restartPolicy } = container
      const cause = "it is declared to come to its end before what follows it"
      const run = steps.add("run", subject, { _tag: "RunToEnd", name: spec.name, restartPolicy }, cause, behind)
      before = [run]
      return [run]
    }
    const start = steps.add("start", subject, { _tag: "Start", name: spec.name }, "it is declared to run", behind)
    if (role !== "main") before = [start]
    // It only waits: whether it is up shows in those that join it.
    if (role === "sandbox" || Duration.isZero(confirm)) return [start]
    const { name, restartPolicy } = spec
    const action: Action = { _tag: "Confirm", name, restartPolicy, window: confirm, restartsBefore: undefined }
    return [steps.add("confirm", subject, action, "a container that ends at once has not started", [start])]
  })
}

/** What a container is called in the steps of a plan. */
export const subjectOf = ({ container }: Member): string => (container.name === "" ? "container" : container.name)

/** Pulls each image that the engine does not hold, or of which nobody knows whether it does. */
export const pullSteps = (
  steps: StepList,
  images: ReadonlyArray<ImageReference>,
  observation: Observation
): ReadonlyArray<string> => {
  const distinct = new Map(images.map((image) => [pullReference(image), image]))
  return [...distinct].flatMap(([reference, image]) => {
    const observed = imageOf(observation, image)
    if (isImagePresent(observed)) return []
    const cause =
      observed.wanted._tag === "Unknown"
        ? `which digest ${reference} stands for is not known: ${observed.wanted.cause}`
        : Option.isNone(observed.local)
          ? `the engine does not hold ${reference}`
          : `${reference} stands for ${observed.wanted.digest} now, which the engine does not hold`
    return [steps.add("pull", image.text, { _tag: "Pull", image }, cause, [])]
  })
}

/** Makes what containers with a network of their own rest on, where it is not there yet. */
const networkSteps = (
  steps: StepList,
  created: ReadonlyArray<Fate>,
  observation: Observation
): ReadonlyArray<string> => {
  const sandbox = created.find(({ member }) => member.role === "sandbox")?.member.container.image
  const isBridged = created.some(({ member }) => isOnBridge(member.spec))
  return [
    ...(sandbox !== undefined && Option.isNone(imageOf(observation, sandbox).local)
      ? [
          steps.add(
            "import",
            sandbox.text,
            { _tag: "ImportImage", image: sandbox },
            "the engine does not hold the image of the container that holds the network",
            []
          )
        ]
      : []),
    ...(isBridged && !observation.networks.includes(bridge.name)
      ? [
          steps.add(
            "create",
            `network ${bridge.name}`,
            { _tag: "CreateNetwork", network: bridge },
            "the engine has no such network of ours",
            []
          )
        ]
      : [])
  ]
}

const isOnBridge = ({ networkMode }: ContainerSpec): boolean =>
  typeof networkMode === "object" && networkMode._tag === "Network"

const directorySteps = (steps: StepList, workload: Workload, created: ReadonlyArray<Fate>): ReadonlyArray<string> => {
  const volumes = new Map(workload.volumes.map((volume) => [volume.name, volume]))
  const mounts = created.flatMap(({ member }) => member.container.mounts)
  const paths = mounts.flatMap((mount) => {
    const volume = volumes.get(mount.volume)
    return volume?._tag === "HostPath" && !canBind(volume.path, mount.path) ? [volume.path] : []
  })
  const cause = "the engine creates no missing directory where a path has a colon in it"
  return [...new Set(paths)].map((path) => steps.add("create", path, { _tag: "CreateDirectory", path }, cause, []))
}

const addRemoval = (
  steps: StepList,
  removal: Omit<Extract<Action, { readonly _tag: "Remove" }>, "_tag">,
  cause: string,
  needs: ReadonlyArray<string>
): string => {
  const { container, name } = removal
  const verb = name === container.name ? "remove" : "remove old"
  return steps.add(verb, container.name, { _tag: "Remove", ...removal }, cause, needs)
}

/** Of one that is lost it is said why; how it differs from what is declared matters only where it runs. */
const causeOf = (container: OurContainer, cause: string): string =>
  !isLost(container) ? cause : isActive(container) ? `${cause}, and ${container.why}` : container.why
