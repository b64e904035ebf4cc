import { bootNames, nameFor } from "../observation/bootNames.ts"
import { type ImageObservation, imageOf, type Observation } from "../observation/Observation.ts"
import { containerLabel, type Role } from "../observation/Ownership.ts"
import type { ContainerSpec } from "../vm/engine/ContainerSpec.ts"
import type { ImageReference } from "../workload/ImageReference.ts"
import type { Container, Workload } from "../workload/Workload.ts"
import { gpuNumbers } from "./containerResources.ts"
import { containerSpec, restsOn } from "./containerSpec.ts"
import { isVolumePulled, type VolumeImage, volumeImagesOf } from "./imageVolumes.ts"
import { namespacesOf } from "./podNamespaces.ts"
import { hostNetwork, needsSandbox, type NetworkSpec, podNetwork, sandboxContainer } from "./podNetwork.ts"

/** A container of the workload, with the spec that it is to have on this VM and in this boot. */
export interface Member {
  readonly container: Container
  readonly role: Role
  /** All the names that this boot's container may have. */
  readonly names: ReadonlyArray<string>
  readonly spec: ContainerSpec
  readonly image: ImageObservation
  /** The volumes of images that it mounts. */
  readonly volumeImages: ReadonlyArray<VolumeImage>
}

/** The first engine name of each container in this boot, by its declared name. */
export type EngineNames = ReadonlyMap<string, string>

/**
 * The workload's containers in the order in which they start: the sandbox, if the others share anything, the init
 * containers one by one, then the rest.
 */
export const membersOf = (workload: Workload, observation: Observation, names: EngineNames): ReadonlyArray<Member> => {
  const { containers, initContainers, volumes, volumeGroup, network } = workload
  const gpus = gpuNumbers(workload)
  const before: Array<Member> = []
  const member = (container: Container, role: Role, itsNetwork: NetworkSpec): Member => {
    const its = bootNames(names.get(container.name) ?? `klt-${container.name}`)
    const image = imageOf(observation, container.image)
    const volumeImages = volumeImagesOf(container, volumes, observation)
    return {
      container,
      role,
      names: its,
      image,
      volumeImages,
      spec: containerSpec(container, {
        role,
        name: nameFor(its, observation),
        volumes,
        volumeGroup,
        mountRoot: observation.mountRoot,
        // Some image stores give an imported image a digest, which no registry has: it is another with each import.
        digest: role === "sandbox" || image.wanted._tag === "Unknown" ? undefined : image.wanted.digest,
        volumeImages,
        network: itsNetwork,
        profiles: observation.profiles,
        namespaces: namespacesOf(workload, {
          isSandbox: role === "sandbox",
          sandbox: before[0]?.role === "sandbox" ? before[0].spec.name : undefined
        }),
        runtime: workload.runtime,
        firstGpu: gpus.firstOf.get(container.name) ?? 0,
        restsOn: restsOn(before.map(({ spec }) => spec))
      })
    }
  }
  const sideBySide = [...initContainers.filter(({ isSidecar }) => isSidecar), ...containers]
  const own = network._tag === "Host" ? hostNetwork : podNetwork(network, sideBySide)
  if (needsSandbox(workload)) {
    before.push(member(sandboxContainer(workload), "sandbox", { ...own, stopSignal: "SIGKILL" }))
  }
  const [sandbox] = before
  const joined: NetworkSpec =
    sandbox === undefined || network._tag === "Host"
      ? own
      : { networkMode: { _tag: "Container", id: sandbox.spec.name } }
  for (const container of initContainers) {
    before.push(member(container, container.isSidecar ? "sidecar" : "init", joined))
  }
  return [...before, ...containers.map((container) => member(container, "main", joined))]
}

/** Whether its image is pulled where it is missing: a sandbox's is in no registry. */
export const isPulled = ({ role, container }: Member): boolean =>
  role !== "sandbox" && container.imagePullPolicy !== "Never"

/** The images that are pulled for it where they are missing: its own, and those of volumes. */
export const pulledImagesOf = (member: Member): ReadonlyArray<ImageReference> => [
  ...(isPulled(member) ? [member.container.image] : []),
  ...member.volumeImages.filter(isVolumePulled).map(({ image }) => image)
]

/** What a container is called in the steps of a plan. */
export const subjectOf = ({ container }: Member): string => (container.name === "" ? "container" : container.name)

/** The member that a container of ours is or was, in this boot or an earlier one; undefined if none. */
export const memberOf = (
  members: ReadonlyArray<Member>,
  { name, labels }: { readonly name: string; readonly labels: Readonly<Record<string, string>> }
): Member | undefined => {
  const labelled = labels[containerLabel]
  return (
    members.find(({ names }) => names.includes(name)) ??
    members.find(({ container }) =>
      labelled === undefined
        ? name === container.name || isEngineNameOf(name, container.name)
        : labelled === container.name
    ) ??
    // konlet had one container: if one is declared, a container without our label is taken for its predecessor.
    (members.length === 1 && labelled === undefined ? members[0] : undefined)
  )
}

/** `klt-<container>-<four letters>` */
const isEngineNameOf = (name: string, container: string): boolean =>
  name.startsWith(`klt-${container}-`) && /^[a-z]{4}$/.test(name.slice(`klt-${container}-`.length))
