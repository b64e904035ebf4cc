import * as Option from "effect/Option"
import { type ImageObservation, isLost, type Observation, type OurContainer } from "../observation/Observation.ts"
import { digestLabel, isAside, restsOnLabel, secretsLabel, workloadLabel } from "../observation/Ownership.ts"
import { tmpfsSize } from "../vm/storage/MountTable.ts"
import type { MountView } from "../observation/MountView.ts"
import { endWords, isEndAsDeclared, mayEnd } from "../vm/engine/ContainerSpec.ts"
import { namesAddress } from "./addressInSpec.ts"
import { changedFields, envField } from "./changedFields.ts"
import { changedVolumeImage, hasLostImage } from "./imageVolumes.ts"
import type { DiskNeeds } from "./diskNeeds.ts"
import type { Member } from "./Member.ts"
import { heldBy } from "./podNetwork.ts"
import { areInPlace, type WantedFiles } from "./wantedFiles.ts"
import { rotatedSecrets } from "./rotatedSecrets.ts"

/** What a container of ours is compared with. */
export interface Wanted {
  readonly member: Member
  /** What the images bring that containers of ours were created from, by image id. */
  readonly imageConfigs: Observation["imageConfigs"]
  /** The disks that the container mounts. */
  readonly disks: ReadonlyArray<DiskNeeds>
  /** Where the tmpfs volumes and the directories that it mounts are to be, and what a tmpfs may hold. */
  readonly tmpfs: ReadonlyArray<WantedTmpfs>
  /** The volumes of files that it mounts. */
  readonly files: ReadonlyArray<WantedFiles>
  readonly mounts: MountView
  /** What `down` has stopped is what it was before that. */
  readonly isStopped: boolean
  /** What an agent has stopped, too; but what it shares with others went on. */
  readonly isRestarting: boolean
  /** It was this boot's container under another name: somebody has renamed it. */
  readonly isRenamed: boolean
  /** It had come to its end when a run set it aside for another, which has not come up. */
  readonly hadEnded: boolean
}

/** Which of the containers that start before it has changed, this container alone does not tell. */
export const restsOnOther = "what starts before it has changed"

/** How a container of ours differs from what is wanted; `none` if it does not, and is left alone. */
export const difference = (container: OurContainer, wanted: Wanted): Option.Option<string> => {
  const { disks, tmpfs, files, mounts } = wanted
  const { names, spec, role } = wanted.member
  if (isAside(container) && !wanted.hadEnded) {
    return Option.some(`an earlier run had set it aside for ${spec.name}`)
  }
  if (!names.includes(container.name) && !wanted.isRenamed && !wanted.hadEnded) {
    return Option.some(`it is not this boot's container, which is named ${spec.name}`)
  }
  const changed = changedIdentity(container, wanted)
  if (Option.isSome(changed)) return changed
  if (container.labels[restsOnLabel] !== spec.labels[restsOnLabel]) {
    return Option.some(restsOnOther)
  }
  if (wanted.isStopped && namesAddress(spec)) {
    return Option.some("it was told the Pod's address, which may be another once the sandbox has been started again")
  }
  const isResting = wanted.isStopped || wanted.isRestarting
  if (role === "sandbox" && !wanted.isStopped && !isLost(container) && container.restartCount > 0) {
    return Option.some(`the engine has restarted it, so that what had joined its ${heldBy(spec)} has lost that`)
  }
  if (!isResting && !restsAsDeclared(container, wanted.member)) {
    return Option.some(
      container.status === "exited" && container.exitCode !== undefined
        ? isLost(container)
          ? `it has ended with exit code ${container.exitCode}`
          : `it ${endWords(container)}`
        : role === "init"
          ? `it has not come to its end: it is ${container.status}`
          : `it is ${container.status}`
    )
  }
  const isToRun = isResting || container.status === "running" || container.status === "paused"
  if (role !== "init" && !isLost(container) && isToRun && hasLostImage(container, mounts)) {
    return Option.some("the engine has been restarted, and has lost the images that it had mounted for it")
  }
  // A job that has come to its end needs nothing any more, and nothing waits for what it has left.
  if (role !== "init" && !isResting && !isLost(container) && container.status === "exited") return Option.none()
  // A container that has ended needs its disks no more, but what it left in a tmpfs is lost with the tmpfs.
  const disk = role === "init" ? undefined : disks.find((disk) => !disk.inPlace)
  const missing = disk?.mount.target ?? tmpfs.find((one) => !isInPlace(one, mounts))?.target
  const emptied = role === "init" ? undefined : files.find((one) => !areInPlace(one))
  if (missing === undefined && emptied !== undefined) {
    return Option.some(`the files of the volume "${emptied.volume}" are not on the host as declared`)
  }
  return missing === undefined ? Option.none() : Option.some(`${missing} is not mounted on the host as declared`)
}

export interface WantedTmpfs {
  readonly target: string
  readonly sizeBytes: number | undefined
}

/** What the kernel rounds a size up to is at most a page, of which the largest has 64 KiB. */
export const isInPlace = ({ target, sizeBytes }: WantedTmpfs, mounts: MountView): boolean => {
  const mount = mounts.at(target)
  if (mount === undefined) return false
  const size = tmpfsSize(mount)
  return sizeBytes === undefined || size === undefined
    ? sizeBytes === size
    : size >= sizeBytes && size - sizeBytes < 65536
}

/** How its declaration or image differs; `none` if neither does. */
export const changedIdentity = (
  container: OurContainer,
  wanted: Pick<Wanted, "member" | "imageConfigs" | "files">
): Option.Option<string> => {
  const { spec, image } = wanted.member
  if (container.labels[workloadLabel] !== spec.labels[workloadLabel]) {
    return Option.some(otherDeclaration(container, wanted))
  }
  if (isOfImage(container, image)) return changedVolumeImage(container.labels, wanted.member.volumeImages)
  return Option.some(
    image.wanted._tag === "Known"
      ? `${spec.image} stands for another image now, ${image.wanted.digest}`
      : `it was created from another image than the engine holds for ${spec.image}`
  )
}

/**
 * Whether it was created from the wanted image, as far as is known: with no registry to ask, only a pull may show. An
 * image can have several digests, so another digest on the label does not mean another image.
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
 * It runs, waits for the engine to restart it, or has ended as its restart policy allows: a replacement would fare no
 * better. An init container has succeeded. Whether a container is well is for `doubt` to say, which cannot judge a lost
 * one.
 */
const restsAsDeclared = (container: OurContainer, { role, spec: { restartPolicy } }: Member): boolean => {
  const { status, exitCode } = container
  if (role === "init") return status === "exited" && exitCode === 0
  if (status === "running") return true
  // It goes on where it was, which loses nothing.
  if (status === "paused" && !isLost(container)) return true
  // Restarted by whatever, it has new namespaces, and those that joined the old ones do not have them.
  if (role === "sandbox") return false
  if (isLost(container)) {
    return status === "exited" && exitCode !== undefined && isEndAsDeclared(restartPolicy, exitCode)
  }
  return status === "restarting" || (status === "exited" && mayEnd(restartPolicy, container.exitCode))
}

/** Names the fields that differ, never a value of env. */
const otherDeclaration = (
  container: OurContainer,
  { member: { spec }, imageConfigs, files }: Pick<Wanted, "member" | "imageConfigs" | "files">
): string => {
  if (container.labels[workloadLabel] === undefined) return "it lacks the label of a container that Slipway created"
  if (isLost(container)) return "it was created from another declaration"
  const image = imageConfigs.get(container.imageId)
  const rotated = rotatedSecrets(container.labels[secretsLabel], spec.labels[secretsLabel])
  // A rotation changes the values of these without anybody having declared others.
  const ofSecrets = new Set(spec.env.flatMap(({ name, identity }) => (identity === undefined ? [] : [envField(name)])))
  const changed = changedFields(container, spec, image).filter((field) => rotated.length === 0 || !ofSecrets.has(field))
  const declared = changed.length === 0 ? [] : [`its declaration has changed: ${changed.join(", ")}`]
  const rewritten = files
    .filter((one) => one.found !== undefined && !areInPlace(one))
    .map(({ volume }) => `the files of the volume "${volume}" have changed`)
  const all = [...rotated, ...rewritten, ...declared]
  if (all.length > 0) return all.join("; ")
  return image === undefined
    ? "it was created from another declaration; what differs cannot be told without its image, which the engine does not hold"
    : "it was created from another declaration, or by another version of Slipway: nothing that the engine tells of it differs"
}
