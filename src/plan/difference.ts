import * as Option from "effect/Option"
import type { ImageConfig } from "../vm/engine/ContainerConfig.ts"
import { type ContainerSpec, isEndAsDeclared, mayEnd } from "../vm/engine/ContainerSpec.ts"
import { changedFields } from "./changedFields.ts"
import type { DiskNeeds } from "./diskNeeds.ts"
import type { MountsSeen } from "../observation/MountView.ts"
import { type ImageObservation, isLost, type OurContainer } from "../observation/Observation.ts"
import { digestLabel, workloadLabel } from "../observation/Ownership.ts"

/** What a container of ours is compared with. */
export interface Wanted {
  /** All that this boot's container may have. */
  readonly names: ReadonlyArray<string>
  readonly spec: ContainerSpec
  readonly image: ImageObservation
  /** What the images bring that containers of ours were created from, by image id. */
  readonly imageConfigs: ReadonlyMap<string, ImageConfig>
  readonly disks: ReadonlyArray<DiskNeeds>
  /** Where the workload's tmpfs volumes are to be mounted. */
  readonly tmpfs: ReadonlyArray<string>
  readonly mounts: MountsSeen
}

/** Why a container of ours is not what is wanted; `none` where it is, and is to be left alone. */
export const difference = (container: OurContainer, wanted: Wanted): Option.Option<string> => {
  const { names, spec, image, disks, tmpfs, mounts } = wanted
  if (!names.includes(container.name)) {
    return Option.some(`it is not this boot's container, which is named ${spec.name}`)
  }
  if (container.labels[workloadLabel] !== spec.labels[workloadLabel]) {
    return Option.some(otherDeclaration(container, wanted))
  }
  if (!isOfImage(container, image)) {
    return Option.some(
      image.wanted._tag === "Known"
        ? `${spec.image} stands for another image now, ${image.wanted.digest}`
        : `it was created from another image than the engine holds for ${spec.image}`
    )
  }
  if (!restsAsDeclared(container, spec)) {
    return Option.some(
      container.status === "exited" && container.exitCode !== undefined
        ? `it has ended with exit code ${container.exitCode}`
        : `it is ${container.status}`
    )
  }
  const missing =
    disks.find((disk) => !disk.inPlace)?.mount.target ?? tmpfs.find((target) => !mounts.targets.has(target))
  return missing === undefined ? Option.none() : Option.some(`${missing} is not mounted on the host as declared`)
}

/**
 * It was created from the image that is wanted, as far as is known: which that is may show only once it is pulled. An image
 * can have several digests, so that another one on the label does not say that it is another.
 */
const isOfImage = ({ imageId, labels }: OurContainer, { local, wanted }: ImageObservation): boolean => {
  switch (wanted._tag) {
    case "Unknown":
      return true
    case "Held":
      return imageId === wanted.imageId
    case "Known":
      return (
        labels[digestLabel] === wanted.digest ||
        Option.exists(local, ({ id, digests }) => id === imageId && digests.includes(wanted.digest))
      )
  }
}

/**
 * It runs, waits to be started again by the engine, or has ended as its restart policy allows: another of its kind would
 * fare no better. Whether all is well with it is asked by `doubt`; of one that is lost that cannot be asked.
 */
const restsAsDeclared = (container: OurContainer, { restartPolicy }: ContainerSpec): boolean => {
  const { status, exitCode } = container
  if (status === "running") return true
  if (isLost(container))
    return status === "exited" && exitCode !== undefined && isEndAsDeclared(restartPolicy, exitCode)
  return status === "restarting" || (status === "exited" && mayEnd(restartPolicy, container.exitCode))
}

/** Names what is declared differently, never a value of env. */
const otherDeclaration = (container: OurContainer, { spec, imageConfigs }: Wanted): string => {
  if (container.labels[workloadLabel] === undefined) return "it lacks the label of a container that Slipway created"
  if (isLost(container)) return "it was created from another declaration"
  const image = imageConfigs.get(container.imageId)
  const changed = changedFields(container, spec, image)
  if (changed.length > 0) return `its declaration has changed: ${changed.join(", ")}`
  return image === undefined
    ? "it was created from another declaration; what differs cannot be told without its image, which the engine does not hold"
    : "it was created from another declaration, or by another version of Slipway: nothing that the engine tells of it differs"
}
