import * as Option from "effect/Option"
import { viewMounts } from "../observation/MountView.ts"
import type { OurContainer } from "../observation/Observation.ts"
import type { DownObservation } from "../observation/observeDown.ts"
import { filesFolder } from "../observation/VolumeFiles.ts"
import { isWithin } from "../vm/storage/MountInfo.ts"
import { isBelow } from "../vm/storage/MountTable.ts"
import { planFirewall } from "./planFirewall.ts"
import { addRemoval, causeOf } from "./planRemovals.ts"
import type { StepList } from "./Step.ts"

/**
 * Removes the containers, and all that was made for them: networks, firewall rules, mounts below the mount root, files and
 * emptyDirs. Gives warnings.
 */
export const planDownRemoval = (
  steps: StepList,
  /** In the order in which they are stopped: what joined a network goes before what holds it. */
  stages: ReadonlyArray<ReadonlyArray<OurContainer>>,
  observation: DownObservation,
  stops: ReadonlyArray<string>
): ReadonlyArray<string> => {
  const { mounts, mountRoot, networks, firewall, volumes } = observation
  let free = stops
  for (const stage of stages) {
    const removed = stage.map((container) => {
      const removal = { container, name: container.name, grace: Option.none() }
      return addRemoval(steps, removal, causeOf(container, "it is not to be kept"), free)
    })
    free = [...stops, ...removed]
  }
  for (const name of networks) {
    const cause = "no container of ours is on it any more"
    steps.add("remove", `network ${name}`, { _tag: "RemoveNetwork", name }, cause, free)
  }
  planFirewall(steps, firewall, [], free)

  const removed = free
  const view = viewMounts(mounts, mountRoot)
  const isAlone = mounts.every((mount) => !isBelow(mount.target, mountRoot) || view.ours.includes(mount))
  const root = view.rootInPlace && isAlone && view.root !== undefined ? [view.root] : []
  for (const entry of volumes.files.entries) {
    const path = `${filesFolder(mountRoot)}/${entry}`
    const cause = "no container needs these files of a volume any more"
    free = [steps.add("remove", path, { _tag: "RemoveFiles", path }, cause, free)]
  }
  const leaving = [...view.ours, ...root]
  for (const mount of leaving) {
    const cause = "it was mounted for containers that are gone; what is on a disk stays"
    free = [steps.add("unmount", mount.target, { _tag: "Unmount", mount }, cause, free)]
  }
  // What containers have mounted there can be seen by the host too.
  const isInUse = (path: string) =>
    mounts.some((mount) => isWithin(mount.target, path) || (isWithin(mount.source, path) && !leaving.includes(mount)))
  for (const path of volumes.emptyDirs.found) {
    if (isInUse(path)) continue
    const cause = "it was an emptyDir, which ends with its Pod"
    steps.add("remove", path, { _tag: "RemoveEmptyDir", path }, cause, [...removed, ...free])
  }
  return volumes.emptyDirs.found
    .filter(isInUse)
    .map(
      (path) =>
        `${path}, an emptyDir, is left: something that is not ours to unmount is mounted in it, or shows it elsewhere`
    )
}
