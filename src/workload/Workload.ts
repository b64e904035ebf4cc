import type { NonEmptyReadonlyArray } from "effect/Array"
import type { ImagePullPolicy } from "./ImagePullPolicy.ts"
import type { Filesystem } from "./Filesystem.ts"
import type { ImageReference } from "./ImageReference.ts"
import type { VolumeFile } from "./VolumeFile.ts"
import type { VolumeGroup } from "./VolumeGroup.ts"
import type { Logging } from "./Logging.ts"
import type { SubPathFault } from "./subPath.ts"
import type { Namespaces } from "./Namespaces.ts"
import type { PodMetadata } from "./PodMetadata.ts"
import type { Resources } from "./Resources.ts"
import type { SecurityContext } from "./SecurityContext.ts"
import type { Lifecycle } from "./Lifecycle.ts"
import type { TerminationMessage } from "./TerminationMessage.ts"
import type { Probes } from "./Probe.ts"

/** When the engine starts the container again after it has ended. */
export type RestartPolicy = "Always" | "OnFailure" | "Never"

/**
 * What is to run, with every value known: a `DeclaredWorkload` once `src/resolution/` has read what it takes from
 * elsewhere.
 */
export interface Workload {
  /** In the order of the declaration. */
  readonly containers: NonEmptyReadonlyArray<Container>
  /** What comes before the containers, one after the other. */
  readonly initContainers: ReadonlyArray<InitContainer>
  /** The volumes that a container mounts, each named once, in the order of the declaration. */
  readonly volumes: ReadonlyArray<Volume>
  /** Absent: volumes belong to whom they belong. */
  readonly volumeGroup?: VolumeGroup
  readonly network: Network
  /** Absent where nothing is declared. */
  readonly namespaces?: Namespaces
  /** The engine's runtime of all containers, by its name there. Absent: the engine's default. */
  readonly runtime?: string
  readonly pod?: PodMetadata
  /** How long it may be active, at least 1. Absent: for ever. */
  readonly activeDeadlineSeconds?: number
}

/** The init containers, then the containers. */
export const allContainers = <C>({ initContainers, containers }: Containers<C>): ReadonlyArray<C> => [
  ...initContainers,
  ...containers
]

/** The containers of a workload, resolved or not. */
export interface Containers<C> {
  readonly initContainers: ReadonlyArray<C>
  readonly containers: ReadonlyArray<C>
}

/** The names of all its containers, init containers included. */
export const containerNames = (workload: Containers<{ readonly name: string }>): ReadonlyArray<string> =>
  allContainers(workload).map(({ name }) => name)

/**
 * A container that is to run, with all values known. What is absent was not declared, and is the image's or the
 * engine's.
 */
export interface Container {
  /** Unique among the workload's containers. Empty where the declaration has one container and names none. */
  readonly name: string
  readonly image: ImageReference
  /** Absent: `Always`. */
  readonly imagePullPolicy?: Exclude<ImagePullPolicy, "Always">
  /** Replaces the image's entrypoint; undefined leaves it. */
  readonly command: ReadonlyArray<string> | undefined
  /** Replaces the image's command; undefined leaves it. */
  readonly args: ReadonlyArray<string> | undefined
  readonly env: ReadonlyArray<EnvironmentVariable>
  /** In the order of the declaration. Each names one of the workload's volumes. */
  readonly mounts: ReadonlyArray<VolumeMount>
  readonly ports: ReadonlyArray<ContainerPort>
  /** Its own, else the Pod's. */
  readonly restartPolicy: RestartPolicy
  readonly privileged: boolean
  /** Absent: it may use all of the VM. */
  readonly resources?: Resources
  /** Absent: json-file, in three files of 500 MB. */
  readonly logging?: Logging
  /** Absolute. The image's if absent. */
  readonly workingDir?: string
  /** Absent where nothing is declared. */
  readonly security?: SecurityContext
  readonly stdin: boolean
  /** Standard input is closed once the first client that attached to it has gone. */
  readonly stdinOnce?: true
  readonly tty: boolean
  /** What stands for command and arguments in the hash where one of them refers to a variable that has an identity. */
  readonly identity?: Pick<Container, "command" | "args">
  /** Absent if none is declared. */
  readonly probes?: Probes
  readonly lifecycle?: Lifecycle
  /** Absent: it leaves none. */
  readonly terminationMessage?: TerminationMessage
  /** In seconds, not negative. Absent: ten. */
  readonly gracePeriod?: number
}

/**
 * Runs to its end before what comes after it starts; one that fails is retried under its restart policy. A sidecar is
 * started in its place instead, and runs for as long as the containers do.
 */
export interface InitContainer extends Container {
  readonly isSidecar: boolean
}

/** A port that a container listens on. */
export interface ContainerPort {
  readonly containerPort: number
  /** Where the host is reached for it; undefined publishes it nowhere. */
  readonly hostPort: number | undefined
  /** The host's address that it is published on; undefined stands for all. */
  readonly hostIp: string | undefined
  readonly protocol: "tcp" | "udp" | "sctp"
}

/** The network that the containers share. */
export type Network =
  /** The host's own. */
  | { readonly _tag: "Host" }
  /** One of their own, on which the ports are published. */
  | ({ readonly _tag: "Pod" } & PodNetwork)

/** The host name, hosts file and resolvers of containers on a network of their own. */
export interface PodNetwork {
  /** A container is to be told its address, which is known once something is on it. */
  readonly isAddressNeeded?: true
  /** Undefined leaves it to the engine. */
  readonly hostname: string | undefined
  readonly hostAliases: ReadonlyArray<HostAlias>
  readonly dns: DnsSettings
}

/** Names for an address, as in /etc/hosts. */
export interface HostAlias {
  readonly ip: string
  readonly hostnames: ReadonlyArray<string>
}

/** As in /etc/resolv.conf; what is empty is the host's. */
export interface DnsSettings {
  readonly nameservers: ReadonlyArray<string>
  readonly searches: ReadonlyArray<string>
  /** `ndots:2`, `edns0` */
  readonly options: ReadonlyArray<string>
}

/** A variable of a container, its value resolved. */
export interface EnvironmentVariable {
  readonly name: string
  /** A secret as far as output goes: never printed. */
  readonly value: string
  /**
   * Stands for the value in the container's hash, where the value is a secret that is kept elsewhere: the name of its
   * version. A text that refers to it has an identity as well, in which that stands in the value's place.
   */
  readonly identity?: string
  /** Why the value could not be read: it is empty then, and no container can be created with it. */
  readonly unread?: string
}

/** A volume, or a part of it, at a path of a container. */
export interface VolumeMount {
  readonly volume: string
  /** Absolute path inside the container. */
  readonly path: string
  readonly readOnly: boolean
  /** What of the volume is mounted: names joined by single slashes, none of them `.` or `..`. Absent: all of it. */
  readonly subPath?: string
  /** What it was to become of its container's variables is none: no container can be created with it. */
  readonly subPathFault?: SubPathFault
  /**
   * What is mounted below the volume on the host later appears in the container, or also the other way; absent:
   * neither.
   */
  readonly propagation?: "HostToContainer" | "Bidirectional"
  /** Whether read-only covers what is mounted below the volume; absent: the engine's default, where it can. */
  readonly recursiveReadOnly?: "Disabled" | "Enabled"
}

/** A volume that containers mount, by where its files are. */
export type Volume = HostVolume | ImageVolume

/** A volume that is somewhere on the host. */
export type HostVolume = HostPathVolume | EmptyDirVolume | TmpfsVolume | DiskVolume | FilesVolume

/** The files of an image, which the engine mounts. */
export interface ImageVolume {
  readonly _tag: "Image"
  readonly name: string
  readonly image: ImageReference
  /** Absent: `Always`. */
  readonly imagePullPolicy?: Exclude<ImagePullPolicy, "Always">
}

/** A directory or file of the host. */
export interface HostPathVolume {
  readonly _tag: "HostPath"
  readonly name: string
  /** Absolute. */
  readonly path: string
  /** What has to be there; absent: anything, and a missing directory is created. */
  readonly type?: HostPathType
}

/** Those that end in `OrCreate` are created where nothing is there. */
export type HostPathType = (typeof hostPathTypes)[number]

/** What a `hostPath` can ask of what is at its path. Source: `HostPathType` of Kubernetes. */
export const hostPathTypes = [
  "DirectoryOrCreate",
  "Directory",
  "FileOrCreate",
  "File",
  "Socket",
  "CharDevice",
  "BlockDevice"
] as const

/** `emptyDir` on the host's disk. */
export interface EmptyDirVolume {
  readonly _tag: "EmptyDir"
  readonly name: string
}

/** `emptyDir` with medium `Memory`. */
export interface TmpfsVolume {
  readonly _tag: "Tmpfs"
  readonly name: string
  /** The most that it may hold; absent: the kernel's default, half of the memory. */
  readonly sizeBytes?: number
}

/** `configMap`, `secret`, `downwardAPI` or `projected`: files in memory that nothing may change. */
export interface FilesVolume {
  readonly _tag: "Files"
  readonly name: string
  /** In the order of their paths, each once; none is at a path above another's. */
  readonly files: ReadonlyArray<VolumeFile>
}

/** A persistent disk. */
export interface DiskVolume {
  readonly _tag: "Disk"
  readonly name: string
  /** The disk's device name, `pdName` in a declaration: `/dev/disk/by-id/google-<deviceName>`. */
  readonly deviceName: string
  /** 0 is the whole disk. */
  readonly partition: number
  /** As declared. Absent, it is mounted as what it holds, and a blank one gets `defaultFilesystem`. */
  readonly filesystem?: Filesystem
  /** Nothing may write to it: then no mount of it does. */
  readonly readOnly?: true
}
