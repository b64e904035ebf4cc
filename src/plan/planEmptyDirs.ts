import { isActive, type Observation } from "../observation/Observation.ts"
import type { Mount } from "../vm/storage/MountTable.ts"
import { isWithin } from "../vm/storage/MountInfo.ts"
import type { StepList } from "./Step.ts"

/** Makes the directories of `emptyDir` volumes that are not there yet. Gives the ids of the steps, by volume. */
export const planEmptyDirs = (
  steps: StepList,
  { volumes: { emptyDirs } }: Observation
): ReadonlyMap<string, ReadonlyArray<string>> =>
  new Map(
    [...emptyDirs.paths].map(([volume, path]) => {
      if (emptyDirs.found.includes(path)) return [volume, []]
      const cause = `volume "${volume}" is an emptyDir, and begins empty with each boot`
      return [volume, [steps.add("make", `emptyDir ${volume}`, { _tag: "MakeEmptyDir", path, volume }, cause, [])]]
    })
  )

/**
 * Removes the directories of other boots and of volumes that are not declared any more, last of all. What is still mounted
 * stays; so does everything while a container runs of which it is not known what it has mounted. `leaving` is unmounted
 * before.
 */
export const planEmptyDirRemovals = (
  steps: StepList,
  { volumes: { emptyDirs }, mounts, lost }: Observation,
  leaving: ReadonlyArray<Mount>
): void => {
  if (lost.some(isActive)) return
  const wanted = new Set(emptyDirs.paths.values())
  const sources = mounts.filter((mount) => !leaving.includes(mount)).map(({ source }) => source)
  const needs = steps.inOrder.map(({ id }) => id)
  for (const path of emptyDirs.found) {
    if (wanted.has(path) || sources.some((source) => isWithin(source, path))) continue
    const cause = "it was the emptyDir of another boot, or of a volume that is not declared any more"
    steps.add("remove", path, { _tag: "RemoveEmptyDir", path }, cause, needs)
  }
}
