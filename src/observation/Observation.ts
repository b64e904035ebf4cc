import * as Option from "effect/Option"
import { type ImageReference, pullReference } from "../workload/ImageReference.ts"
import type { DiskVolume } from "../workload/Workload.ts"
import type { DiskObservation } from "../vm/storage/Disks.ts"
import type { DockerError } from "../vm/engine/DockerError.ts"
import type { ImageConfig } from "../vm/engine/ContainerConfig.ts"
import type { ContainerInspection, ContainerSummary, ImageInspection } from "../vm/engine/Inspection.ts"
import type { FirewallObservation } from "../vm/firewall/Firewall.ts"
import type { AttachedDisk } from "../vm/metadata/MetadataProvider.ts"
import type { EngineFacts } from "../vm/engine/EngineFacts.ts"
import type { GpuObservation } from "../vm/host/Gpus.ts"
import type { ProfilesObservation } from "./observeSecurity.ts"
import type { TakenPort } from "./observePorts.ts"
import type { VolumeObservation } from "./observeVolumes.ts"
import type { Mount } from "../vm/storage/MountTable.ts"

/** What is on the VM now, as far as it concerns the workload. Reading it changed nothing. */
export interface Observation {
  /** When it was observed, in milliseconds since the epoch by the host's wall clock. */
  readonly wallMillis: number
  /** Our containers, except those that are lost. */
  readonly containers: ReadonlyArray<ContainerInspection>
  readonly lost: ReadonlyArray<LostContainer>
  /** Names that the engine has refused to give to a container of this run. */
  readonly unusableNames: ReadonlyArray<UnusableName>
  /** The names of all other containers. */
  readonly foreignNames: ReadonlyArray<string>
  /** Each image of the workload, by its full reference: see `imageOf`. */
  readonly images: ReadonlyMap<string, ImageObservation>
  /** What their images bring into our containers, by image id, as far as the engine still holds them. */
  readonly imageConfigs: ReadonlyMap<string, ImageConfig>
  /** The setting of this name as the mount table has it, with symbolic links resolved. */
  readonly mountRoot: string
  /** The host's mount table, in its order. */
  readonly mounts: ReadonlyArray<Mount>
  /** The disks that metadata lists. Read, like `disks`, only if the workload has a disk. */
  readonly attached: ReadonlyArray<AttachedDisk>
  /** One for each disk volume of the workload. */
  readonly disks: ReadonlyArray<ObservedDisk>
  readonly volumes: VolumeObservation
  readonly firewall: FirewallObservation
  /** The names of our networks. Read only if the workload has a network of its own. */
  readonly networks: ReadonlyArray<string>
  /** The host's ports that are in use by others. Read only if the workload has ports. */
  readonly takenPorts: ReadonlyArray<TakenPort>
  /** The host's profiles that the workload names. Absent if it names none. */
  readonly profiles?: ProfilesObservation
  /** Absent unless the workload has something that depends on it: see `observeEngineFacts`. */
  readonly engineFacts?: EngineFacts
  /** Absent unless a container is to have a GPU. */
  readonly gpus?: GpuObservation
  /** The ids of containers whose probes no run has seen succeed. Read only if the workload has probes. */
  readonly unready: ReadonlyArray<string>
  /** The same of their postStart hooks. */
  readonly unhooked: ReadonlyArray<string>
  /** The ids of containers that `down` has stopped, and that nothing has started again since. */
  readonly stopped: ReadonlyArray<string>
  /**
   * The ids of containers that an agent has stopped for a probe that failed, or an engine has ended as they started, if
   * they are jobs, and that nothing has started again since.
   */
  readonly restarting?: ReadonlyArray<string>
  /** Those of them that this process starts again by itself, later. */
  readonly waiting?: ReadonlyArray<string>
  /** What the last run of this boot left. Read only if something declared has no container. */
  readonly left?: ReadonlyArray<LeftContainer>
}

/** A name that the engine refuses; without a holder no container that it lists has it. */
export interface UnusableName {
  readonly name: string
  readonly holder?: NameHolder | undefined
}

/** The container that has a name. */
export interface NameHolder {
  readonly id: string
  /** The reference that it was created with. */
  readonly image: string
}

/** `the container 0123456789ab, from app:1` */
export const holderText = ({ id, image }: NameHolder): string => `the container ${id.slice(0, 12)}, from ${image}`

/** A container that a run left on the VM. */
export interface LeftContainer {
  readonly id: string
  readonly name: string
  /** Its name in the declaration; null if it has none there. */
  readonly container: string | null
}

/**
 * A container of ours that the engine cannot inspect, is removing, or has failed to remove. It may never come back, and
 * nothing waits for its end.
 */
export interface LostContainer {
  readonly id: string
  readonly name: string
  readonly imageId: string
  readonly labels: Readonly<Record<string, string>>
  /** The status in the engine's list, the only sign of whether it has a process. */
  readonly status: ContainerSummary["status"]
  readonly exitCode: number | undefined
  /** What the engine cannot do with it, in the engine's words. */
  readonly why: string
}

/** A container of ours, lost or not. */
export type OurContainer = ContainerInspection | LostContainer

export const isLost = (container: OurContainer): container is LostContainer => "why" in container

/** What the engine and the registry say of an image of the workload. */
export interface ImageObservation {
  /** What the engine holds under the reference. */
  readonly local: Option.Option<ImageInspection>
  readonly wanted: WantedDigest
}

/** The manifest digest that the reference stands for. */
export type WantedDigest =
  | { readonly _tag: "Known"; readonly digest: string }
  /**
   * Neither the reference nor the registry says; `cause` tells why. `refusal` is the registry's, if it has no such image
   * or does not let this VM read it: a pull will hardly do better.
   */
  | { readonly _tag: "Unknown"; readonly cause: string; readonly refusal?: DockerError }
  /**
   * The image that the engine holds under the reference is the wanted one: it was just pulled although its digest was
   * not known, or no registry can be asked. The digest is absent if the image has several, as only the registry knows
   * the current one.
   */
  | { readonly _tag: "Held"; readonly digest: string | undefined; readonly imageId: string }

/** A disk of the workload, as it is on the VM. Sizes are in bytes. */
export interface ObservedDisk {
  readonly volume: DiskVolume
  /** `none` if the disk is not attached, so that its device was not looked for. */
  readonly device: Option.Option<DiskObservation>
  /** A run of ours found it blank, began to format it, and died before it had finished: see FormatRecord. */
  readonly halfFormatted?: boolean
  /** It is attached read-only, and its journal holds changes that have not been written to the filesystem yet. */
  readonly needsRecovery?: boolean
  /** It would have to be formatted with this program, which the host does not have. */
  readonly missingFormatter?: string
  /** How large its filesystem, which is mounted, says that it is: on the device that may not be written yet. */
  readonly mountedBytes?: number
}

/** What is known of an image of the workload. */
export const imageOf = ({ images }: Pick<Observation, "images">, image: ImageReference): ImageObservation =>
  images.get(pullReference(image)) ?? notAsked

const notAsked: ImageObservation = { local: Option.none(), wanted: { _tag: "Unknown", cause: "it was not asked" } }

/** Takes the image that the engine holds for the wanted one. */
export const asHeld = (local: ImageInspection): ImageObservation => {
  const [digest, ...others] = new Set(local.digests)
  return {
    local: Option.some(local),
    wanted: { _tag: "Held", digest: others.length === 0 ? digest : undefined, imageId: local.id }
  }
}

/** Whether the engine holds what the reference stands for. */
export const isImagePresent = ({ local, wanted }: ImageObservation): boolean =>
  wanted._tag === "Held" ||
  (wanted._tag === "Known" && Option.isSome(local) && local.value.digests.includes(wanted.digest))

/** It runs, or will run without anyone starting it, as far as can be told. */
export const isActive = ({ status }: Pick<ContainerSummary, "status">): boolean =>
  status === "running" || status === "restarting" || status === "paused" || status === "unknown"

/** The engine is removing it, or has failed to. It has no process and is never started again. */
export const isBeingRemoved = ({ status }: Pick<ContainerSummary, "status">): boolean =>
  status === "dead" || status === "removing"
