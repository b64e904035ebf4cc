import type { Workload } from "../workload/Workload.ts"
import type { Fate } from "./comparison.ts"
import { canBind } from "./containerSpec.ts"
import type { StepList } from "./Step.ts"

/** Creates the directories of the host that the engine would not create by itself. Gives the ids of the steps. */
export const planDirectories = (
  steps: StepList,
  workload: Workload,
  created: ReadonlyArray<Fate>
): ReadonlyArray<string> => {
  const volumes = new Map(workload.volumes.map((volume) => [volume.name, volume]))
  const mounts = created.flatMap(({ member }) => member.container.mounts)
  const paths = mounts.flatMap((mount) => {
    const volume = volumes.get(mount.volume)
    return volume?._tag === "HostPath" && !canBind(volume.path, mount.path) ? [volume.path] : []
  })
  const cause = "the engine creates no missing directory where a path has a colon in it"
  return [...new Set(paths)].map((path) => steps.add("create", path, { _tag: "CreateDirectory", path }, cause, []))
}
