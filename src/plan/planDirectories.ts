import type { VolumeObservation } from "../observation/observeVolumes.ts"
import type { HostPathVolume, VolumeMount, Workload } from "../workload/Workload.ts"
import type { Fate } from "./comparison.ts"
import { isBind } from "./containerSpec.ts"
import type { StepList } from "./Step.ts"

/**
 * Creates what is missing at host paths and what the engine would not create by itself. Gives the ids of the steps.
 */
export const planDirectories = (
  steps: StepList,
  workload: Workload,
  created: ReadonlyArray<Fate>,
  { kinds }: VolumeObservation
): ReadonlyArray<string> => {
  const volumes = new Map(workload.volumes.map((volume) => [volume.name, volume]))
  const mounts = created.flatMap(({ member }) => member.container.mounts)
  const done = new Set<string>()
  return mounts.flatMap((mount) => {
    const volume = volumes.get(mount.volume)
    if (volume?._tag !== "HostPath" || isBind(volume, mount) || done.has(volume.path)) return []
    done.add(volume.path)
    return planPath(steps, volume, mount, kinds)
  })
}

const planPath = (
  steps: StepList,
  { name, path, type }: HostPathVolume,
  mount: VolumeMount,
  kinds: VolumeObservation["kinds"]
): ReadonlyArray<string> => {
  if (type === undefined) {
    const what =
      mount.subPath !== undefined
        ? "a subPath is mounted"
        : mount.recursiveReadOnly === undefined
          ? "a path has a colon in it"
          : "recursiveReadOnly is said"
    const cause = `the engine creates no missing directory where ${what}`
    return [steps.add("create", path, { _tag: "CreateDirectory", path }, cause, [])]
  }
  if (kinds.has(path)) return []
  const cause = `nothing is there, and volume "${name}" is of type ${type}`
  if (type === "DirectoryOrCreate") {
    return [steps.add("create", path, { _tag: "CreateDirectory", path, mode: "0755" }, cause, [])]
  }
  return type === "FileOrCreate" ? [steps.add("create", path, { _tag: "CreateFile", path }, cause, [])] : []
}
