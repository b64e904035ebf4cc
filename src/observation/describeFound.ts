import * as Option from "effect/Option"
import type { DiskContent } from "../vm/storage/DiskContent.ts"
import { filesystemWords } from "../vm/storage/DiskContent.ts"
import {
  imageOf,
  isImagePresent,
  isLost,
  type Observation,
  type ObservedDisk,
  type OurContainer
} from "./Observation.ts"
import { endWords } from "../vm/engine/ContainerSpec.ts"
import { roleLabel } from "./Ownership.ts"
import { describeRunning } from "../progress/Aftermath.ts"
import { type ImageReference, pullReference } from "../workload/ImageReference.ts"

/** What was found on the VM that a plan rests on, a line each: our containers, the images, the disks. */
export const describeFound = (
  observation: Pick<Observation, "containers" | "lost" | "images" | "disks">,
  images: ReadonlyArray<ImageReference>
): ReadonlyArray<string> => {
  const ours = [...observation.containers, ...observation.lost].filter(({ labels }) => labels[roleLabel] !== "sandbox")
  return [
    ...(ours.length === 0 ? ["no container of ours"] : ours.map(describeContainer)),
    ...images.map((image) => `${pullReference(image)}: ${describeImage(observation, image)}`),
    ...observation.disks.map(describeDisk)
  ]
}

const describeContainer = (container: OurContainer): string => {
  if (isLost(container)) return `${container.name}, which is lost: ${container.why}`
  const { name, image, status, startedAt } = container
  return status === "exited"
    ? `${name}, from ${image}, which ${endWords(container)}`
    : describeRunning({ name, image, status, since: startedAt })
}

const describeImage = (observation: Pick<Observation, "images">, image: ImageReference): string => {
  const found = imageOf(observation, image)
  const { local, wanted } = found
  const held = Option.isNone(local) ? "the engine does not hold it" : "the engine holds one"
  switch (wanted._tag) {
    case "Known":
      return isImagePresent(found)
        ? `the engine holds ${wanted.digest}, as it should`
        : `${held}; wanted is ${wanted.digest}`
    case "Held":
      return `the engine holds ${wanted.digest ?? wanted.imageId}`
    case "Unknown":
      return `${held}; which is wanted is not known: ${wanted.cause}`
  }
}

const describeDisk = ({ volume, device }: ObservedDisk): string =>
  `the disk ${volume.deviceName}: ${Option.match(device, {
    onNone: () => "not attached",
    onSome: (found) => {
      if (found._tag === "Missing") return `${found.device} is not there`
      if (found._tag === "NotBlockDevice") return `${found.device} is no block device`
      return `${found.path}, ${contentWords(found.content)}`
    }
  })}`

const contentWords = (content: DiskContent): string => {
  switch (content._tag) {
    case "Blank":
      return "blank"
    case "Filesystem":
      return filesystemWords(content)
    case "Signature":
    case "Data":
      return content.description
  }
}
