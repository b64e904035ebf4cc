import { isActive, type Observation } from "../observation/Observation.ts"
import type { MountView } from "../observation/MountView.ts"
import { entriesOf, filesFolder } from "../observation/VolumeFiles.ts"
import type { FilesVolume, Workload } from "../workload/Workload.ts"
import type { Fate } from "./comparison.ts"
import { filesIdentity } from "./filesIdentity.ts"
import { areInPlace, wantedFiles } from "./wantedFiles.ts"
import type { StepList } from "./Step.ts"

/** The volumes of new containers whose files are not there yet. */
export const filesToWrite = (
  workload: Workload,
  observation: Observation,
  mounts: MountView,
  created: ReadonlyArray<Fate>
): ReadonlyArray<FilesVolume> => {
  const mounted = new Set(created.flatMap(({ member }) => member.container.mounts.map(({ volume }) => volume)))
  return workload.volumes.filter(
    (volume): volume is FilesVolume =>
      volume._tag === "Files" &&
      mounted.has(volume.name) &&
      !areInPlace(wantedFiles(volume, workload, observation, mounts))
  )
}

/**
 * Writes the files of volumes. It waits for the old containers to be stopped, as one that is started again gets what is
 * there by then. Gives the ids of the steps.
 */
export const planFiles = (
  steps: StepList,
  writing: ReadonlyArray<FilesVolume>,
  { volumeGroup }: Workload,
  { mountRoot, volumes: { files } }: Observation,
  needs: ReadonlyArray<string>
): ReadonlyArray<string> =>
  writing.map((volume) => {
    const cause = files.identities.has(volume.name)
      ? "what it holds is not what is declared"
      : "its files are in memory, and are not there yet"
    const action = {
      _tag: "WriteFiles",
      folder: filesFolder(mountRoot),
      volume: volume.name,
      files: volume.files,
      gid: volumeGroup?.gid,
      identity: filesIdentity(volume, volumeGroup)
    } as const
    return steps.add("write", `files ${volume.name}`, action, cause, needs)
  })

/**
 * Removes the files that no container needs any more, last of all: those that were replaced, and those of volumes that
 * are not declared. Everything stays while a container runs of which it is not known what it has mounted.
 */
export const planFileRemovals = (
  steps: StepList,
  workload: Workload,
  { mountRoot, lost, volumes: { files } }: Observation,
  writing: ReadonlyArray<FilesVolume>
): void => {
  if (lost.some(isActive)) return
  const declared = new Set(
    workload.volumes.flatMap((volume) => (volume._tag === "Files" ? [entriesOf(volume.name).now] : []))
  )
  const replaced = writing.flatMap(({ name }) => {
    const { now, old } = entriesOf(name)
    return files.entries.includes(now) ? [old] : []
  })
  const stale = files.entries.filter((entry) => !declared.has(entry))
  const needs = steps.inOrder.map(({ id }) => id)
  for (const entry of new Set([...stale, ...replaced])) {
    const cause = "no container needs these files of a volume any more"
    const path = `${filesFolder(mountRoot)}/${entry}`
    steps.add("remove", path, { _tag: "RemoveFiles", path }, cause, needs)
  }
}
