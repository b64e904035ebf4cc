import * as Option from "effect/Option"
import { type ImageReference, pullReference } from "../workload/ImageReference.ts"
import type { DiskVolume } from "../workload/Workload.ts"
import type { DiskObservation } from "../vm/storage/Disks.ts"
import type { ImageConfig } from "../vm/engine/ContainerConfig.ts"
import type { ContainerInspection, ContainerSummary, ImageInspection } from "../vm/engine/Inspection.ts"
import type { FirewallObservation } from "../vm/firewall/Firewall.ts"
import type { AttachedDisk } from "../vm/metadata/MetadataProvider.ts"
import type { TakenPort } from "./observePorts.ts"
import type { Mount } from "../vm/storage/MountTable.ts"

/** What is on the VM now, as far as the workload is concerned. Reading it changed nothing. */
export interface Observation {
  /** When it was looked, in milliseconds since the epoch by the host's wall clock. */
  readonly wallMillis: number
  /** The containers that are ours, but for those that are lost. */
  readonly containers: ReadonlyArray<ContainerInspection>
  readonly lost: ReadonlyArray<LostContainer>
  /** Names that the engine refuses to give, although no container that it lists has them. */
  readonly unusableNames: ReadonlyArray<string>
  /** The names of all the others. */
  readonly foreignNames: ReadonlyArray<string>
  /** Of each image of the workload, by its reference in full: see `imageOf`. */
  readonly images: ReadonlyMap<string, ImageObservation>
  /** What their images bring into the containers that are ours, by image id, as far as the engine still holds them. */
  readonly imageConfigs: ReadonlyMap<string, ImageConfig>
  /** The setting of this name as the mount table has it: where it leads, through whatever symbolic links. */
  readonly mountRoot: string
  /** The host's mount table, in its order. */
  readonly mounts: ReadonlyArray<Mount>
  /** The disks that metadata lists; asked for, like the rest, only if the workload has a disk. */
  readonly attached: ReadonlyArray<AttachedDisk>
  /** One for each disk volume of the workload. */
  readonly disks: ReadonlyArray<ObservedDisk>
  readonly firewall: FirewallObservation
  /** The names of the networks that are ours; asked for only if the workload has one of its own. */
  readonly networks: ReadonlyArray<string>
  /** The ports of the host that are in use, not for ours; asked for only if the workload has ports. */
  readonly takenPorts: ReadonlyArray<TakenPort>
}

/**
 * A container of ours that the engine cannot inspect, is removing, or has failed to remove. It cannot be relied on to
 * come back, and nothing waits for its end.
 */
export interface LostContainer {
  readonly id: string
  readonly name: string
  readonly imageId: string
  readonly labels: Readonly<Record<string, string>>
  /** As the engine lists it: whether it has a process, if anything tells that. */
  readonly status: ContainerSummary["status"]
  readonly exitCode: number | undefined
  /** What the engine cannot do with it, in its words. */
  readonly why: string
}

/** A container of ours, whatever is known of it. */
export type OurContainer = ContainerInspection | LostContainer

export const isLost = (container: OurContainer): container is LostContainer => "why" in container

export interface ImageObservation {
  /** What the engine holds under the reference. */
  readonly local: Option.Option<ImageInspection>
  readonly wanted: WantedDigest
}

/** The manifest digest that the reference stands for. */
export type WantedDigest =
  | { readonly _tag: "Known"; readonly digest: string }
  /** Neither the reference nor the registry said; `cause` tells why. */
  | { readonly _tag: "Unknown"; readonly cause: string }
  /**
   * The image that the engine holds under the reference is the one: it was just pulled, without its digest having been
   * known, or no registry could be asked or pulled from. The digest is left out where it has several, of which only the
   * registry could tell the present one.
   */
  | { readonly _tag: "Held"; readonly digest: string | undefined; readonly imageId: string }

export interface ObservedDisk {
  readonly volume: DiskVolume
  /** `none` where the disk is not attached, and so was not looked for. */
  readonly device: Option.Option<DiskObservation>
  /** A run of ours began to format it, proved blank, and did not live to end that: see FormatRecord. */
  readonly halfFormatted?: boolean
  /** It is attached read-only, and its journal holds changes that are not in the filesystem yet. */
  readonly needsRecovery?: boolean
}

/** What is known of an image of the workload. */
export const imageOf = ({ images }: Pick<Observation, "images">, image: ImageReference): ImageObservation =>
  images.get(pullReference(image)) ?? notAsked

const notAsked: ImageObservation = { local: Option.none(), wanted: { _tag: "Unknown", cause: "it was not asked" } }

/** What the engine holds, taken for what is wanted. */
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

/** It runs, or will without anybody's doing, as far as it can be told. */
export const isActive = ({ status }: Pick<ContainerSummary, "status">): boolean =>
  status === "running" || status === "restarting" || status === "paused" || status === "unknown"

/** The engine is removing it, or has failed to. It has no process, and is never started again. */
export const isBeingRemoved = ({ status }: Pick<ContainerSummary, "status">): boolean =>
  status === "dead" || status === "removing"
