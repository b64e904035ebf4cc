import * as Arr from "effect/Array"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { Workload } from "../workload/Workload.ts"
import { canonicalName } from "../vm/storage/Disks.ts"
import { bootNames, nameFor } from "../observation/bootNames.ts"
import { containerSpec } from "./containerSpec.ts"
import { difference } from "./difference.ts"
import { diskNeeds, diskWarnings } from "./diskNeeds.ts"
import { mountPoint } from "../observation/MountPoints.ts"
import { doubt, doubtSteps } from "./planDoubt.ts"
import { seeMounts } from "../observation/MountView.ts"
import { isLost, type Observation, type OurContainer } from "../observation/Observation.ts"
import { firewallSteps, firewallWarnings } from "./planFirewall.ts"
import { ContainerNameTaken, PlanRefused, type RefusalReason } from "./PlanRefused.ts"
import { pullSteps, replacementSteps, retirementSteps } from "./planReplacement.ts"
import type { PlanSettings } from "./PlanSettings.ts"
import { type Step, StepList } from "./Step.ts"

/** The steps that turn an observation into the workload. */
export interface Plan {
  /** The name of the workload's container, new or kept. */
  readonly name: string
  /** The container that already is what is declared and is left alone. */
  readonly kept: Option.Option<OurContainer>
  /**
   * Whether that container stays depends on the image that the tag stands for, which no registry could say: it stays if it
   * was created from that one. The plan is to pull, and then to make another.
   */
  readonly provisional: boolean
  /** In an order in which they could be done one after the other. Empty: the VM matches already. */
  readonly steps: ReadonlyArray<Step>
  /** What the operator should know although there is nothing to do about it here. */
  readonly warnings: ReadonlyArray<string>
}

/**
 * Decides what has to be done, in what order, and why. Pure: the same input gives the same plan.
 *
 * Nothing is stopped before everything that can fail without stopping it has been done; no disk is formatted without
 * proof that it is blank; no container that is not ours is touched; and after a plan has been applied the next is empty.
 */
export const plan = (
  workload: Workload,
  observation: Observation,
  name: string,
  settings: PlanSettings
): Result.Result<Plan, PlanRefused> => {
  const { image, mountRoot } = observation
  const mounts = seeMounts(observation.mounts, mountRoot)
  const surroundings = {
    mounts,
    mountRoot,
    attached: new Map(observation.attached.map((disk) => [canonicalName(disk.deviceName), disk])),
    writers: new Map(
      workload.containers[0].mounts.flatMap((mount) => (mount.readOnly ? [] : [[mount.volume, mount] as const]))
    )
  }
  const [disks, refused] = Arr.partition(observation.disks, (disk) => diskNeeds(disk, surroundings))
  const reasons: Array<RefusalReason> = refused.flat()
  const ownName = nameFor(name, observation)
  if (observation.foreignNames.includes(ownName)) reasons.push(new ContainerNameTaken({ name: ownName }))
  if (Arr.isArrayNonEmpty(reasons)) return Result.fail(new PlanRefused({ reasons }))

  const spec = containerSpec(workload, {
    name: ownName,
    mountRoot,
    digest: image.wanted._tag === "Unknown" ? undefined : image.wanted.digest
  })
  const tmpfs = workload.volumes.flatMap((volume) => (volume._tag === "Tmpfs" ? [mountPoint(mountRoot, volume)] : []))
  const { imageConfigs } = observation
  const wanted = { names: bootNames(name), spec, image, imageConfigs, disks, tmpfs, mounts }
  const compared = [...observation.containers, ...observation.lost].map((container) => ({
    container,
    difference: Option.orElse(difference(container, wanted), () =>
      settings.retry === true && !isLost(container)
        ? Option.map(doubt(container, spec, observation.wallMillis), (cause) => `${cause}, and is to be tried again`)
        : Option.none()
    )
  }))
  const kept = compared.find((entry) => Option.isNone(entry.difference))?.container
  const old = compared.flatMap(({ container, difference }) =>
    container === kept
      ? []
      : [{ container, cause: Option.getOrElse(difference, () => "another container is what is declared as well") }]
  )
  const provisional = kept !== undefined && image.wanted._tag === "Unknown"
  const steps = new StepList()
  if (kept === undefined) {
    replacementSteps(steps, { workload, observation, settings, spec, disks, mounts, old })
  } else if (provisional) {
    // Whether it is well matters only if it stays.
    pullSteps(steps, workload, observation)
  } else {
    retirementSteps(steps, old, isLost(kept) ? [] : doubtSteps(steps, kept, observation, spec, settings))
    firewallSteps(steps, observation.firewall, settings.openIptables === "all", [])
  }
  return Result.succeed({
    name: kept?.name ?? ownName,
    kept: Option.fromNullishOr(kept),
    provisional,
    steps: steps.inOrder,
    warnings: [
      ...containerWarnings(kept, observation),
      ...disks.flatMap(diskWarnings),
      ...firewallWarnings(observation.firewall, settings.openIptables === "all")
    ]
  })
}

const containerWarnings = (kept: OurContainer | undefined, { unusableNames }: Observation): ReadonlyArray<string> => [
  ...(kept !== undefined && isLost(kept)
    ? [`${kept.name} is as declared by what the engine lists (${kept.status}), and is left alone, but ${kept.why}`]
    : []),
  ...unusableNames.map(
    (name) =>
      `the engine holds the name ${name} for a container that it does not list: another is used until the next boot. A restart of the engine frees it.`
  )
]
