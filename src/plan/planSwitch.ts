import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import { isActive, isLost, type Observation } from "../observation/Observation.ts"
import { asideName, isUnfinished } from "../observation/Ownership.ts"
import type { Accepted } from "../vm/firewall/FirewallRules.ts"
import type { FilesVolume, Workload } from "../workload/Workload.ts"
import type { Comparison, Fate, OldContainer } from "./comparison.ts"
import { planDirectories } from "./planDirectories.ts"
import { planDoubt } from "./planDoubt.ts"
import { planEmptyDirRemovals, planEmptyDirs } from "./planEmptyDirs.ts"
import { planFirewall } from "./planFirewall.ts"
import { leavingMounts, type MountNeeds, planGrowth, planMounts, planPreparation } from "./planMounts.ts"
import { planFileRemovals, planFiles } from "./planFiles.ts"
import { planGroups } from "./planGroups.ts"
import { planNetwork } from "./planNetwork.ts"
import { pulledImagesOf } from "./Member.ts"
import { planPulls } from "./planPulls.ts"
import { addRemoval, causeOf } from "./planRemovals.ts"
import type { ProbeSteps } from "./planProbes.ts"
import type { PlanSettings } from "./PlanSettings.ts"
import { planStarts } from "./planStarts.ts"
import type { Action, StepList } from "./Step.ts"
import { graceOf } from "./stopGrace.ts"
import { planUserChecks } from "./userRefusals.ts"

/** What the steps of a switch follow from. */
export interface Switch extends Comparison {
  /** Those of the fates that are to be created. */
  readonly created: ReadonlyArray<Fate>
  /** Those, and what `down` has stopped and is as declared. */
  readonly started: ReadonlyArray<Fate>
  readonly workload: Workload
  readonly observation: Observation
  readonly settings: PlanSettings
  readonly mountNeeds: MountNeeds
  /** The volumes whose files are to be written. */
  readonly writing: ReadonlyArray<FilesVolume>
  /** What the firewall is to accept. */
  readonly accepted: Accepted
}

/** How long an init container that fails is retried while what ran before is stopped for it. */
const patience = Duration.minutes(1)

/**
 * What each waits for because of the sidecars before it that are kept: the startup probes that no run has seen succeed.
 */
const holdingBack = (
  doubts: ReadonlyArray<{ readonly fate: Fate } & ProbeSteps>
): ReadonlyMap<Fate, ReadonlyArray<string>> => {
  const heldBack = new Map<Fate, ReadonlyArray<string>>()
  let awaited: ReadonlyArray<string> = []
  for (const { fate, started } of doubts) {
    heldBack.set(fate, awaited)
    if (fate.member.role === "sidecar" && started !== undefined) awaited = awaited.concat(started)
  }
  return heldBack
}

/**
 * Replaces the containers that have to go by new ones; the others keep running. Whatever can be done while the old ones
 * run is done first. They are then set aside and stopped, the last started first, their mounts are made afresh, and the
 * new ones are created, started in order, and confirmed. The old ones are removed once all new ones are up.
 */
export const planSwitch = (steps: StepList, plan: Switch): void => {
  const { workload, observation, settings, mountNeeds, writing, accepted, fates, created, started, old } = plan
  const { disks } = mountNeeds
  const leaving = leavingMounts(mountNeeds)
  const hasStopped = old.some(({ container }) => isActive(container))
  const heldByOld = leaving.length > 0 && hasStopped

  const images = created.flatMap(({ member }) => pulledImagesOf(member))
  const pulls = planPulls(steps, images, observation)
  const userChecks = planUserChecks(steps, created, observation, pulls)
  const directories = planDirectories(steps, workload, created, observation.volumes)
  const before = [...pulls, ...userChecks, ...directories, ...planNetwork(steps, created, observation)]
  const emptyDirs = planEmptyDirs(steps, observation)
  before.push(...[...emptyDirs.values()].flat())
  const prepared = new Map(disks.map((disk) => [disk, disk.held ? [] : planPreparation(steps, disk, [])]))
  before.push(...[...prepared.values()].flat())
  for (const disk of disks) if (disk.inPlace) before.push(...planGrowth(steps, disk, []))
  if (!heldByOld) before.push(...planMounts(steps, mountNeeds, leaving, { prepared, emptyDirs, directories }, []))
  before.push(...planFirewall(steps, observation.firewall, accepted, before))

  const aside = planAside(steps, old, before)
  const mounted = heldByOld ? planMounts(steps, mountNeeds, leaving, { prepared, emptyDirs, directories }, aside) : []
  const grouped = planGroups(steps, mountNeeds, created, [...before, ...aside, ...mounted])
  const written = planFiles(steps, writing, workload, observation, [...before, ...aside, ...mounted])
  const doubts = fates.map((fate) => ({ fate, ...planDoubt(steps, fate, plan) }))
  const settled = [
    ...planStarts(
      steps,
      started,
      settings,
      [...before, ...aside, ...mounted, ...grouped, ...written],
      holdingBack(doubts),
      hasStopped ? patience : undefined
    ),
    ...doubts.flatMap(({ all }) => all)
  ]
  const done = Duration.isZero(settings.confirm) ? "has started" : "is confirmed"
  for (const { container, cause, member } of old.filter(({ container }) => !isUnfinished(container))) {
    const name = isLost(container) ? container.name : asideName(container)
    const because = member === undefined ? cause : `its successor ${done}`
    addRemoval(steps, { container, name, grace: Option.none() }, causeOf(container, because), settled)
  }
  planEmptyDirRemovals(steps, observation, leaving)
  planFileRemovals(steps, workload, observation, writing)
}

/**
 * Sets aside the containers that have to go, and stops them one by one. A container is renamed before it is stopped: if the
 * run dies in between, the name tells the next run what to bring back. Gives the ids of the last steps.
 */
const planAside = (
  steps: StepList,
  old: ReadonlyArray<OldContainer>,
  needs: ReadonlyArray<string>
): ReadonlyArray<string> => {
  let ended: ReadonlyArray<string> = []
  return old.flatMap(({ container, cause }) => {
    const stop = (behind: ReadonlyArray<string>): string => {
      const mark = isLost(container) ? {} : { isAside: true as const }
      const action: Action = { _tag: "Stop", container, grace: graceOf(container), ...mark }
      const id = steps.add("stop", container.name, action, causeOf(container, cause), [...behind, ...ended])
      ended = [id]
      return id
    }
    // A lost container cannot be relied on to be renamed, so its name is avoided; if it runs, it has to stop all the same.
    if (isLost(container)) return isActive(container) ? [stop(needs)] : []
    if (isUnfinished(container)) {
      const because = "a run that died had begun it, and it is begun again"
      const removal = { container, name: container.name, grace: Option.some(graceOf(container)) }
      return [addRemoval(steps, removal, because, [...needs, ...ended])]
    }
    const action: Action = { _tag: "SetAside", container, name: asideName(container) }
    // One that does not run is not stopped, so that this is the step that says why it has to go.
    const because = isActive(container) ? "it comes back if a new container fails" : cause
    const marked = steps.add("set aside", container.name, action, because, needs)
    return [isActive(container) ? stop([marked]) : marked]
  })
}
