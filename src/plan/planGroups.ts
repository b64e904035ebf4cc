import { mountPoint } from "../observation/MountPoints.ts"
import type { Volume } from "../workload/Workload.ts"
import type { Fate } from "./comparison.ts"
import type { MountNeeds } from "./planMounts.ts"
import type { StepList } from "./Step.ts"

/**
 * Gives the volumes of new containers to the Pod's group, one after the other: nothing is gained by looking at two disks at
 * once. As the kubelet does it when a Pod's volumes are set up, nothing is done to what containers that stay have mounted.
 * Gives the ids of the steps.
 */
export const planGroups = (
  steps: StepList,
  { workload: { volumeGroup, volumes }, mountRoot, disks, inUse }: MountNeeds,
  created: ReadonlyArray<Fate>,
  needs: ReadonlyArray<string>
): ReadonlyArray<string> => {
  if (volumeGroup === undefined) return []
  const writable = new Set(disks.flatMap(({ volume, mount }) => (mount.options.includes("rw") ? [volume.name] : [])))
  const mounted = new Set(created.flatMap(({ member }) => member.container.mounts.map(({ volume }) => volume)))
  let before = needs
  return volumes.flatMap((volume) => {
    if (!mounted.has(volume.name) || inUse.has(volume.name) || !isGiven(volume)) return []
    if (volume._tag === "Disk" && !writable.has(volume.name)) return []
    // The policy is for what lasts.
    const group = volume._tag === "Disk" ? volumeGroup : { ...volumeGroup, onlyOnMismatch: false }
    const action = { _tag: "SetGroup", volume: volume.name, target: mountPoint(mountRoot, volume), group } as const
    const cause = "fsGroup declares the group that may write to the Pod's volumes"
    before = [steps.add("give group", volume.name, action, cause, before)]
    return before
  })
}

/** Whether volumes of its kind are given to a group, which Kubernetes decides for each. */
const isGiven = (volume: Volume): volume is Exclude<Volume, { readonly _tag: "HostPath" | "Files" | "Image" }> =>
  given[volume._tag]

/** Files are written with their group; images cannot be written to. */
const given: Readonly<Record<Volume["_tag"], boolean>> = {
  HostPath: false,
  Files: false,
  Image: false,
  Disk: true,
  EmptyDir: true,
  Tmpfs: true
}
