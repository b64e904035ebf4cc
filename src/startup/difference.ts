import * as Option from "effect/Option"
import { type ContainerSpec, mayEnd } from "../vm/ContainerSpec.ts"
import type { ContainerInspection } from "../vm/Inspection.ts"
import type { DiskNeeds } from "./diskNeeds.ts"
import type { MountsSeen } from "./MountsSeen.ts"
import type { ImageObservation } from "./Observation.ts"
import { digestLabel, workloadLabel } from "./Ownership.ts"

/** What a container of ours is compared with. */
export interface Wanted {
  readonly spec: ContainerSpec
  readonly image: ImageObservation
  readonly disks: ReadonlyArray<DiskNeeds>
  /** Where the workload's tmpfs volumes are to be mounted. */
  readonly tmpfs: ReadonlyArray<string>
  readonly mounts: MountsSeen
}

/** Why a container of ours is not what is wanted; `none` where it is, and is to be left alone. */
export const difference = (container: ContainerInspection, wanted: Wanted): Option.Option<string> => {
  const { spec, image, disks, tmpfs, mounts } = wanted
  if (container.name !== spec.name) return Option.some(`it is not this boot's container, which is named ${spec.name}`)
  if (container.labels[workloadLabel] !== spec.labels[workloadLabel]) {
    return Option.some("it was created from another declaration")
  }
  if (image.wanted._tag === "Unknown")
    return Option.some(`whether its image is current is not known: ${image.wanted.cause}`)
  if (image.wanted._tag === "Cached") {
    if (container.imageId !== image.wanted.imageId) {
      return Option.some(`it was created from another image than the engine holds for ${spec.image}`)
    }
  } else if (container.labels[digestLabel] !== image.wanted.digest) {
    return Option.some(`${spec.image} stands for another image now, ${image.wanted.digest}`)
  }
  if (!restsAsDeclared(container, spec)) {
    return Option.some(
      container.status === "exited" ? `it has ended with exit code ${container.exitCode}` : `it is ${container.status}`
    )
  }
  const missing =
    disks.find((disk) => !disk.inPlace)?.mount.target ?? tmpfs.find((target) => !mounts.targets.has(target))
  return missing === undefined ? Option.none() : Option.some(`${missing} is not mounted on the host as declared`)
}

/** It runs, or has ended as its restart policy allows. */
const restsAsDeclared = (container: ContainerInspection, spec: ContainerSpec): boolean =>
  container.status === "running" || (container.status === "exited" && mayEnd(spec.restartPolicy, container.exitCode))
