import * as Arr from "effect/Array"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { viewMounts } from "../observation/MountView.ts"
import { holderText, isLost, type Observation, type OurContainer } from "../observation/Observation.ts"
import type { Role } from "../observation/Ownership.ts"
import { canonicalName } from "../vm/storage/Disks.ts"
import { allContainers, type Workload } from "../workload/Workload.ts"
import { compare, type Comparison, type Fate, isCreated, isStarted } from "./comparison.ts"
import { diskNeeds, diskWarnings } from "./diskNeeds.ts"
import { imageRefusals } from "./imageRefusals.ts"
import { logDriverRefusals } from "./logDriverRefusals.ts"
import { imageVolumeRefusals } from "./imageVolumeRefusals.ts"
import { isVolumeUncertain } from "./imageVolumes.ts"
import { type EngineNames, isPulled, membersOf, pulledImagesOf } from "./Member.ts"
import { acceptedFor, planFirewall, firewallWarnings } from "./planFirewall.ts"
import { ContainerNameTaken, PlanRefused, type RefusalReason } from "./PlanRefused.ts"
import type { PlanSettings } from "./PlanSettings.ts"
import { portRefusals } from "./portRefusals.ts"
import { resourceRefusals, resourceWarnings } from "./resourceRefusals.ts"
import { runtimeRefusals } from "./runtimeRefusals.ts"
import { profileRefusals, securityWarnings } from "./profileRefusals.ts"
import { planDoubt } from "./planDoubt.ts"
import { planGrowth } from "./planMounts.ts"
import { planPulls } from "./planPulls.ts"
import { planRemovals } from "./planRemovals.ts"
import { filesToWrite, planFileRemovals } from "./planFiles.ts"
import { planEmptyDirRemovals } from "./planEmptyDirs.ts"
import { subPathNeeds } from "./planSubPaths.ts"
import { planSwitch } from "./planSwitch.ts"
import { fileRefusals, secretRefusals } from "./secretRefusals.ts"
import { type Step, StepList } from "./Step.ts"
import { userRefusals } from "./userRefusals.ts"
import { volumeRefusals } from "./volumeRefusals.ts"

/** The steps that turn an observation into the workload. */
export interface Plan {
  /** The workload's containers, in the order in which they start, and what becomes of each. */
  readonly containers: ReadonlyArray<PlannedContainer>
  /** Containers of ours that are not declared any more. */
  readonly gone: ReadonlyArray<{ readonly name: string; readonly cause: string }>
  /**
   * No registry could say which image a kept container's tag stands for now: it stays only if it was created from that
   * image. The plan is to pull, and then to plan again.
   */
  readonly provisional: boolean
  /** In an order in which they can be done one by one. Empty: the VM matches already. */
  readonly steps: ReadonlyArray<Step>
  /** What the operator should know although no step can help. */
  readonly warnings: ReadonlyArray<string>
}

/** What becomes of one of the workload's containers. */
export interface PlannedContainer {
  /** As it is declared; empty where the declaration names none. */
  readonly container: string
  readonly role: Role
  /** The engine's name for it, new or kept. */
  readonly name: string
  /** The image reference as it is declared. */
  readonly image: string
  /**
   * `kept`: it is there as declared, and left alone. `done`: an init container that has served those which are kept, and
   * need not be there any more. `stopped`: it is there as declared, but `down` has stopped it, and it is to be started
   * again. `new` and `replaced`: it is to be created, the latter in the place of another.
   */
  readonly fate: Fate["fate"]
  /** The container that is kept, or started again. */
  readonly kept: Option.Option<OurContainer>
  /** Why it is created, if there is more to say than that it is declared. */
  readonly cause: string | undefined
}

/**
 * Decides what to do, in what order, and why. Pure: the same input gives the same plan. `names` has the first engine
 * name of each container in this boot. Everything that can fail without stopping a container is done before any is
 * stopped; a container that is as declared is not stopped unless something that it rests on is; no disk is formatted
 * without proof that it is blank; no container that is not ours is touched; and once a plan has been applied the next
 * one is empty.
 */
export const plan = (
  workload: Workload,
  observation: Observation,
  names: EngineNames,
  settings: PlanSettings
): Result.Result<Plan, PlanRefused> => {
  const { mountRoot } = observation
  const mounts = viewMounts(observation.mounts, mountRoot)
  const all = allContainers(workload)
  const surroundings = {
    mounts,
    mountRoot,
    attached: new Map(observation.attached.map((disk) => [canonicalName(disk.deviceName), disk])),
    writers: new Map(
      all.flatMap((container) =>
        container.mounts.flatMap((mount) => (mount.readOnly ? [] : [[mount.volume, mount] as const]))
      )
    )
  }
  const [disks, refused] = Arr.partition(observation.disks, (disk) => diskNeeds(disk, surroundings))
  const reasons: Array<RefusalReason> = refused.flat()
  const members = membersOf(workload, observation, names)
  const foreign = new Set(observation.foreignNames)
  for (const { spec } of members) {
    if (foreign.has(spec.name)) reasons.push(new ContainerNameTaken({ name: spec.name }))
  }
  if (Arr.isArrayNonEmpty(reasons)) return Result.fail(new PlanRefused({ reasons }))

  const retry = settings.retry === true
  const comparison = compare({ workload, observation, members, disks, mounts, retry })
  const { fates, old } = comparison
  const created = fates.filter(isCreated)
  const started = fates.filter(isStarted)
  const writing = filesToWrite(workload, observation, mounts, created)
  const impossible: ReadonlyArray<RefusalReason> = [
    ...portRefusals(workload, observation, fates),
    ...volumeRefusals(workload, observation, created),
    ...resourceRefusals(workload, observation, created),
    ...userRefusals(fates, observation),
    ...imageRefusals(created),
    ...imageVolumeRefusals(observation, created),
    ...logDriverRefusals(observation, created),
    ...runtimeRefusals(workload, observation, created),
    ...secretRefusals(created),
    ...fileRefusals(writing),
    ...profileRefusals(workload, observation)
  ]
  if (Arr.isReadonlyArrayNonEmpty(impossible)) return Result.fail(new PlanRefused({ reasons: impossible }))
  const emptyDirs = observation.volumes.emptyDirs.paths
  const subPaths = subPathNeeds(workload, mountRoot, fates, observation.volumes.subPaths)
  const mountNeeds = { workload, mountRoot, disks, mounts, emptyDirs, inUse: volumesInUse(comparison), subPaths }
  const isUncertain = ({ fate, kept, member }: Fate) =>
    (Option.isSome(kept) && isPulled(member) && member.image.wanted._tag === "Unknown") ||
    (fate !== "done" && member.volumeImages.some(isVolumeUncertain))
  const provisional = fates.some(isUncertain)
  const accepted = acceptedFor(settings.openIptables, workload)
  const steps = new StepList()
  if (provisional) {
    // Whether they are well matters only if they stay.
    const images = fates.filter(({ fate }) => fate !== "done").flatMap(({ member }) => pulledImagesOf(member))
    planPulls(steps, images, observation)
  } else if (started.length > 0) {
    planSwitch(steps, { workload, observation, settings, mountNeeds, writing, accepted, fates, created, started, old })
  } else {
    const doubted = fates.flatMap((fate) => planDoubt(steps, fate, { observation, settings, fates }).all)
    planRemovals(steps, old, doubted)
    for (const disk of disks) if (disk.inPlace) planGrowth(steps, disk, [])
    planFirewall(steps, observation.firewall, accepted, [])
    planEmptyDirRemovals(steps, observation, [])
    planFileRemovals(steps, workload, observation, [])
  }
  return Result.succeed({
    containers: fates.map(planned),
    gone: old.flatMap(({ container, member, cause }) =>
      member === undefined ? [{ name: container.name, cause }] : []
    ),
    provisional,
    steps: steps.inOrder,
    warnings: [
      ...containerWarnings(fates, observation),
      ...resourceWarnings(observation, created),
      ...securityWarnings(workload, observation),
      ...disks.flatMap(diskWarnings),
      ...firewallWarnings(observation.firewall, accepted)
    ]
  })
}

const planned = ({ member, fate, kept, cause }: Fate): PlannedContainer => ({
  container: member.container.name,
  role: member.role,
  name: Option.match(kept, { onNone: () => member.spec.name, onSome: ({ name }) => name }),
  image: member.container.image.text,
  fate,
  kept,
  cause
})

/** The volumes that staying containers have mounted, or in which an init container has left something for them. */
const volumesInUse = ({ fates }: Comparison): ReadonlySet<string> =>
  new Set(
    fates.flatMap(({ member, fate }) =>
      fate === "kept" || fate === "done" || fate === "stopped"
        ? member.container.mounts.map(({ volume }) => volume)
        : []
    )
  )

const containerWarnings = (
  fates: ReadonlyArray<Fate>,
  { unusableNames, containers }: Observation
): ReadonlyArray<string> => [
  ...fates.flatMap(({ kept }) =>
    Option.toArray(kept).flatMap((container) =>
      isLost(container)
        ? [
            `${container.name} is as declared by what the engine lists (${container.status}), and is left alone, but ${container.why}`
          ]
        : []
    )
  ),
  ...unusableNames.map(({ name, holder }) => {
    if (holder === undefined) {
      return `the engine holds the name ${name} for a container that it does not list: another is used until the next boot. A restart of the engine frees it.`
    }
    const next = fates.find(({ member }) => member.names.includes(name))?.member.spec.name ?? "another"
    const because = `${holderText(holder)}, has taken the name ${name} meanwhile: ${next} is used in its place until the next boot.`
    // What becomes of one of ours is in the plan.
    return containers.some(({ id }) => id === holder.id)
      ? because
      : `${because} It is left alone; if it is of no use, \`docker rm --force ${holder.id.slice(0, 12)}\` removes it.`
  })
]
