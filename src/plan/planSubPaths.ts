import { hostPath, type SubPathPoint, subPathsOf } from "../observation/MountPoints.ts"
import { isShownAt, type MountView } from "../observation/MountView.ts"
import type { VolumeObservation } from "../observation/observeVolumes.ts"
import type { Volume, Workload } from "../workload/Workload.ts"
import { type Fate, isCreated } from "./comparison.ts"
import type { StepList } from "./Step.ts"

/** What containers mount of volumes, where it is not the whole. */
export interface SubPathNeeds {
  /** What new containers mount. */
  readonly wanted: ReadonlyArray<SubPathPoint>
  /** Where what containers that stay have mounted is bound. */
  readonly kept: ReadonlySet<string>
  /** Where each leads. */
  readonly observed: VolumeObservation["subPaths"]
}

export const subPathNeeds = (
  { volumes }: Workload,
  mountRoot: string,
  fates: ReadonlyArray<Fate>,
  observed: VolumeObservation["subPaths"]
): SubPathNeeds => {
  const pointsOf = (is: (fate: Fate) => boolean) =>
    subPathsOf(
      mountRoot,
      volumes,
      fates.filter(is).flatMap(({ member }) => member.container.mounts)
    )
  return {
    wanted: pointsOf(isCreated),
    kept: new Set(pointsOf(({ fate }) => fate === "kept" || fate === "stopped").map(({ target }) => target)),
    observed
  }
}

/**
 * Where a part of a volume is bound and stays: a container that stays has it, or it is what the path leads to now and its
 * volume stays as well.
 */
export const stayingSubPaths = (
  { wanted, kept, observed }: SubPathNeeds,
  mounts: MountView,
  stays: (volume: Volume) => boolean
): ReadonlySet<string> =>
  new Set([
    ...kept,
    ...wanted.flatMap(({ target, volume }) => {
      const found = observed.get(target)
      return found?._tag === "Inside" && isShownAt(mounts, found.path, target) && stays(volume) ? [target] : []
    })
  ])

/** Binds what is not bound, one after the other: two may share a directory that is missing. Gives the ids of the steps. */
export const planSubPaths = (
  steps: StepList,
  { wanted }: SubPathNeeds,
  mountRoot: string,
  staying: ReadonlySet<string>,
  needs: ReadonlyArray<string>
): ReadonlyArray<string> => {
  let before = needs
  return wanted
    .filter(({ target }) => !staying.has(target))
    .flatMap(({ target, volume, subPath }) => {
      const root = hostPath(mountRoot, volume)
      const action = { _tag: "BindSubPath", volume: volume.name, root, subPath, target } as const
      const cause = `a container mounts this part of volume "${volume.name}"`
      before = [steps.add("bind", `${subPath} of ${volume.name}`, action, cause, before)]
      return before
    })
}
