import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { pullReference } from "../workload/ImageReference.ts"
import type { Workload } from "../workload/Workload.ts"
import type { ContainerSpec } from "../vm/engine/ContainerSpec.ts"
import type { Mount } from "../vm/storage/MountTable.ts"
import { canBind } from "./containerSpec.ts"
import type { DiskNeeds } from "./diskNeeds.ts"
import { mountPoint } from "../observation/MountPoints.ts"
import type { MountsSeen } from "../observation/MountView.ts"
import { isActive, isImagePresent, isLost, type Observation, type OurContainer } from "../observation/Observation.ts"
import { asideName, policyBeforeAside } from "../observation/Ownership.ts"
import type { PlanSettings } from "./PlanSettings.ts"
import { firewallSteps } from "./planFirewall.ts"
import type { Action, StepList } from "./Step.ts"

/** How long a container has between SIGTERM and SIGKILL. */
export const stopGrace = Duration.seconds(10)

/** A container of ours that has to go, and why. */
export interface OldContainer {
  readonly container: OurContainer
  readonly cause: string
}

interface Replacement {
  readonly workload: Workload
  readonly observation: Observation
  readonly settings: PlanSettings
  readonly spec: ContainerSpec
  readonly disks: ReadonlyArray<DiskNeeds>
  readonly mounts: MountsSeen
  readonly old: ReadonlyArray<OldContainer>
}

/**
 * Stops and removes what is superseded by a container that is already there. One that runs, or ran until it was set aside
 * for this one, stays until this is known to be well.
 */
export const retirementSteps = (
  steps: StepList,
  old: ReadonlyArray<OldContainer>,
  needs: ReadonlyArray<string>
): void => {
  for (const { container, cause } of old) {
    const isRunning = isActive(container)
    const isMarked = !isLost(container) && Option.isSome(policyBeforeAside(container))
    const grace = isRunning ? Option.some(stopGrace) : Option.none()
    const behind = isRunning || isMarked ? needs : []
    addRemoval(steps, { container, name: container.name, grace }, causeOf(container, cause), behind)
  }
}

/**
 * Puts a new container in the place of whatever is there. What can be done while an old one runs is done first; then
 * the old one is stopped and set aside, what it held is unmounted and mounted afresh, and the new one is created,
 * started and confirmed; only then is the old one removed.
 */
export const replacementSteps = (steps: StepList, replacement: Replacement): void => {
  const { workload, observation, settings, spec, disks, old } = replacement
  const leaving = leavingMounts(replacement)
  const heldByOld = leaving.length > 0 && old.some(({ container }) => isActive(container))

  const before = [...pullSteps(steps, workload, observation), ...directorySteps(steps, workload)]
  const prepared = new Map(disks.map((disk) => [disk, disk.held ? [] : prepareSteps(steps, disk, [])]))
  before.push(...[...prepared.values()].flat())
  if (!heldByOld) before.push(...mountSteps(steps, replacement, leaving, prepared, []))
  before.push(...firewallSteps(steps, observation.firewall, settings.openIptables === "all", before))

  // Marked before it is stopped: a run that dies in between leaves a mark by which the next knows what to bring back.
  const aside = old.flatMap(({ container, cause }) => {
    // What is lost may not be renamed, and its name is avoided; what runs of it has to end all the same.
    if (isLost(container)) return isActive(container) ? [addStop(steps, container, cause, before)] : []
    const name = asideName(container)
    const because = "it is kept until its successor is confirmed"
    const marked = steps.add(`set aside ${container.name}`, { _tag: "SetAside", container, name }, because, before)
    return [isActive(container) ? addStop(steps, container, cause, [marked]) : marked]
  })
  const mounted = heldByOld ? mountSteps(steps, replacement, leaving, prepared, aside) : []

  const cause = old.length === 0 ? "no container of ours is there" : "none of ours is what is declared"
  const created = steps.add("create", { _tag: "Create", spec }, cause, [...before, ...aside, ...mounted])
  const started = steps.add("start", { _tag: "Start", name: spec.name }, "it is declared to run", [created])
  const settled = Duration.isZero(settings.confirm)
    ? started
    : steps.add(
        "confirm",
        {
          _tag: "Confirm",
          name: spec.name,
          restartPolicy: spec.restartPolicy,
          window: settings.confirm,
          restartsBefore: undefined
        },
        "a container that ends at once has not started",
        [started]
      )
  const done = Duration.isZero(settings.confirm) ? "its successor has started" : "its successor is confirmed"
  for (const { container } of old) {
    const name = isLost(container) ? container.name : asideName(container)
    addRemoval(steps, { container, name, grace: Option.none() }, causeOf(container, done), [settled])
  }
}

/** What is mounted below the root and is not to stay, in the order in which it can be unmounted: last mounted first. */
const leavingMounts = ({ mounts, disks }: Replacement): ReadonlyArray<Mount> => {
  const staying = new Set(disks.filter((disk) => disk.inPlace).map((disk) => disk.mount.target))
  return mounts.ours.filter((mount) => !staying.has(mount.target))
}

/** Pulls the image where the engine does not hold it, or where nobody knows whether it does. */
export const pullSteps = (steps: StepList, workload: Workload, { image }: Observation): ReadonlyArray<string> => {
  if (isImagePresent(image)) return []
  const reference = pullReference(workload.containers[0].image)
  const cause =
    image.wanted._tag === "Unknown"
      ? `which digest ${reference} stands for is not known: ${image.wanted.cause}`
      : Option.isNone(image.local)
        ? `the engine does not hold ${reference}`
        : `${reference} stands for ${image.wanted.digest} now, which the engine does not hold`
  return [steps.add("pull", { _tag: "Pull", image: workload.containers[0].image }, cause, [])]
}

const directorySteps = (steps: StepList, workload: Workload): ReadonlyArray<string> => {
  const volumes = new Map(workload.volumes.map((volume) => [volume.name, volume]))
  const paths = workload.containers[0].mounts.flatMap((mount) => {
    const volume = volumes.get(mount.volume)
    return volume?._tag === "HostPath" && !canBind(volume.path, mount.path) ? [volume.path] : []
  })
  const cause = "the engine creates no missing directory where a path has a colon in it"
  return [...new Set(paths)].map((path) => steps.add(`create ${path}`, { _tag: "CreateDirectory", path }, cause, []))
}

const prepareSteps = (steps: StepList, disk: DiskNeeds, needs: ReadonlyArray<string>): ReadonlyArray<string> => {
  const { device, prepare, volume } = disk
  switch (prepare._tag) {
    case "Nothing":
      return []
    case "Check":
      return [
        steps.add(
          `check ${volume.deviceName}`,
          { _tag: "Check", device, volume },
          "it holds ext4 and is to be mounted",
          needs
        )
      ]
    case "Format":
      return [
        steps.add(
          `format ${volume.deviceName}`,
          { _tag: "Format", device, volume, proof: prepare.proof },
          prepare.proof._tag === "BegunBefore"
            ? "it was blank when an earlier run began to format it, and that run did not come to the end"
            : "it is blank: no signature on it, and its first and last MiB hold zeros only",
          needs
        )
      ]
  }
}

/** Unmounts what is leaving and mounts what the workload needs; gives back the ids of all its steps. */
const mountSteps = (
  steps: StepList,
  { workload, observation, disks, mounts }: Replacement,
  leaving: ReadonlyArray<Mount>,
  preparedBefore: ReadonlyMap<DiskNeeds, ReadonlyArray<string>>,
  needs: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const all: Array<string> = []
  // One after the other: of two mounts on one target, the upper has to go first.
  let free = needs
  const sources = new Set(disks.flatMap((disk) => [disk.mount.source, disk.device]))
  const times = new Map<string, number>()
  for (const mount of leaving) {
    const held = sources.has(mount.source)
    const cause = held
      ? "the disk has to be free to be checked and mounted as declared"
      : "the new container is to start afresh"
    const id = `unmount ${mount.target}`
    const time = (times.get(mount.target) ?? 0) + 1
    times.set(mount.target, time)
    free = [steps.add(time === 1 ? id : `${id} (${time})`, { _tag: "Unmount", mount }, cause, free)]
    all.push(...free)
  }
  const mountsBelow = workload.volumes.some((volume) => volume._tag !== "HostPath")
  if (mountsBelow && !mounts.rootInPlace) {
    const mount: Mount = { source: "tmpfs", target: observation.mountRoot, type: "tmpfs", options: ["rw", "mode=0755"] }
    const cause = "as a tmpfs it is empty after a reboot, so that nothing starts on what is not mounted yet"
    free = [steps.add(`mount ${mount.target}`, { _tag: "Mount", mount }, cause, free)]
    all.push(...free)
  }
  for (const disk of disks) {
    if (disk.inPlace) continue
    const prepared = disk.held ? prepareSteps(steps, disk, free) : (preparedBefore.get(disk) ?? [])
    const cause = `volume "${disk.volume.name}" is on it`
    all.push(...prepared)
    all.push(
      steps.add(`mount ${disk.volume.deviceName}`, { _tag: "Mount", mount: disk.mount }, cause, [...free, ...prepared])
    )
  }
  for (const volume of workload.volumes) {
    if (volume._tag !== "Tmpfs") continue
    const target = mountPoint(observation.mountRoot, volume)
    const mount: Mount = { source: "tmpfs", target, type: "tmpfs", options: ["rw"] }
    const cause = `volume "${volume.name}" is a tmpfs, empty for each new container`
    all.push(steps.add(`mount tmpfs ${volume.name}`, { _tag: "Mount", mount }, cause, free))
  }
  return all
}

const addRemoval = (
  steps: StepList,
  removal: Omit<Extract<Action, { readonly _tag: "Remove" }>, "_tag">,
  cause: string,
  needs: ReadonlyArray<string>
): string => {
  const { container, name } = removal
  const id = name === container.name ? `remove ${name}` : `remove old ${container.name}`
  return steps.add(id, { _tag: "Remove", ...removal }, cause, needs)
}

/** Of one that is lost it is said why; how it differs from what is declared matters only where it runs. */
const causeOf = (container: OurContainer, cause: string): string =>
  !isLost(container) ? cause : isActive(container) ? `${cause}, and ${container.why}` : container.why

const addStop = (steps: StepList, container: OurContainer, cause: string, needs: ReadonlyArray<string>): string =>
  steps.add(`stop ${container.name}`, { _tag: "Stop", container, grace: stopGrace }, causeOf(container, cause), needs)
