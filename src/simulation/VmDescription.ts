import type { NetworkMode, NetworkSpec, PortProtocol, PublishedPort } from "../vm/engine/ContainerNetwork.ts"
import type { EngineFacts } from "../vm/engine/EngineFacts.ts"
import type { EngineProduct } from "../vm/engine/EngineProduct.ts"
import type { AttachedDisk } from "../vm/metadata/MetadataProvider.ts"

/** The internal address of a VM that names none. */
export const simulatedAddress = "10.128.0.2"

/** A simulated VM, as plain data. Everything has a default. */
export interface VmDescription {
  /** Default `vm`. */
  readonly hostname?: string
  /** What metadata calls it. Default: its hostname. */
  readonly instanceName?: string
  /** Its internal IPv4 address. Default `10.128.0.2`. */
  readonly address?: string
  /** Seeds latencies, ids and, with the hostname, the random source: the same seed gives the same run. Default `0`. */
  readonly seed?: string | number
  /** The declaration in metadata, and its key. None by default. */
  readonly declaration?: string
  readonly declarationKey?: "slipway-declaration" | "gce-container-declaration"
  /** Other metadata keys and their values. */
  readonly attributes?: Readonly<Record<string, string>>
  /** The service account's token. Null: the VM has no service account. Default `token`. */
  readonly token?: string | null
  /** True: a Spot or preemptible VM. Default false. */
  readonly preemptible?: boolean
  /** False: no metadata server, as outside the cloud; its name does not resolve. Default true. */
  readonly metadata?: boolean
  /** Whether guest attributes are enabled. Default false, as on Google's VMs. */
  readonly guestAttributes?: boolean
  /** The id of its project. Default `project`. */
  readonly project?: string
  /** What is in Secret Manager. Nothing by default. */
  readonly secrets?: ReadonlyArray<SecretDescription>
  /** False: Secret Manager cannot be reached. Default true. */
  readonly secretManager?: boolean
  readonly disks?: ReadonlyArray<DiskDescription>
  readonly images?: ReadonlyArray<ImageDescription>
  readonly containers?: ReadonlyArray<ContainerDescription>
  /** Bridge networks that the engine has. */
  readonly networks?: ReadonlyArray<NetworkSpec>
  /** Symbolic links of the host and their targets: `{ "/mnt/disks": "/var/mnt" }`. */
  readonly links?: Readonly<Record<string, string>>
  /** Its engine. `Podman` cannot, for example, ask registries for digests. Default `Docker`. */
  readonly engine?: EngineProduct["name"]
  /** The newest version of the API that the engine speaks, `1.51`. By default it does not say, and has nothing new. */
  readonly apiVersion?: string
  /**
   * Where its images are stored. A graph driver keeps an image that loses its last name, containerd's store drops it.
   */
  readonly imageStore?: "graph driver" | "containerd"
  /** What the engine tells of itself and of its machine. Default: 2 cpus, 4 GiB of memory, no GPU. */
  readonly facts?: Partial<EngineFacts>
  /** How many GPUs its NVIDIA driver shows. `facts.runtimes` tells whether the engine can give them. Default 0. */
  readonly gpus?: number
  /** False: the host has no ip6tables. Default true. */
  readonly ipv6?: boolean
  /** False: the host has no xfsprogs, as Container-Optimized OS; its kernel knows xfs. Default true. */
  readonly xfsprogs?: boolean
  /** Download speed of a pull in bytes per second. Default 50 MB. */
  readonly bytesPerSecond?: number
}

/** A secret in Secret Manager. */
export interface SecretDescription {
  /** `db-password`, of the VM's project, or `projects/P/secrets/S`. */
  readonly name: string
  /** The first is version 1, the last is `latest`. */
  readonly versions: ReadonlyArray<string | Uint8Array | SecretVersionDescription>
  /** Other names of versions, and their numbers. */
  readonly aliases?: Readonly<Record<string, number>>
  /** Whether the VM's service account may read it. Default true. */
  readonly accessible?: boolean
}

/** A version of a secret, and whether it can be read. */
export interface SecretVersionDescription {
  readonly data: string | Uint8Array
  /** Default `ENABLED`. */
  readonly state?: SecretState
}

/** The state of a secret's version in Secret Manager. */
export type SecretState = "ENABLED" | "DISABLED" | "DESTROYED"

/** A disk of a simulated VM, and what is on it. */
export interface DiskDescription {
  readonly deviceName: string
  readonly mode?: AttachedDisk["mode"]
  /** Default 10 GB. */
  readonly sizeBytes?: number
  readonly content: DiskContentDescription
  /** False: the device exists, but metadata does not list it. Default true. */
  readonly attached?: boolean
  /** Its link under `/dev/disk/by-id` without `google-`, such as `local-nvme-ssd-0`. Default: the device name. */
  readonly linkName?: string
  /** How long after the boot its device appears. Default 0. */
  readonly appearsAfterMillis?: number
}

/**
 * What is on a disk: nothing, a filesystem with its files by their paths, or something else that may not be formatted.
 */
export type DiskContentDescription =
  | { readonly _tag: "Blank" }
  /**
   * `fsck -p` repairs a fault of `repairable`, not one of `broken`. `newer` is a feature that fsck does not know; with
   * `tooNew` the kernel does not know it either. `unreplayed` is a journal that must be replayed.
   */
  | {
      readonly _tag: "Ext4"
      readonly files?: Readonly<Record<string, string>>
      readonly fault?: "repairable" | "broken" | "newer" | "tooNew" | "unreplayed"
      readonly label?: string
      /** Default: the disk's, so that it has not to grow. */
      readonly sizeBytes?: number
    }
  /** `unreplayed` as for ext4; `unfinished` is what a killed mkfs leaves. */
  | {
      readonly _tag: "Xfs"
      readonly files?: Readonly<Record<string, string>>
      readonly fault?: "unreplayed" | "unfinished"
      readonly label?: string
      readonly sizeBytes?: number
    }
  /** Of a type that is not mounted here. */
  | { readonly _tag: "Filesystem"; readonly type: string; readonly label?: string }
  | { readonly _tag: "Partitioned"; readonly partitions: ReadonlyArray<DiskContentDescription> }
  /** Such as `LVM2_member` or `swap`. */
  | { readonly _tag: "Signature"; readonly type: string }
  /** Bytes without a known signature. */
  | { readonly _tag: "Data" }

/** An image that a registry has, the engine, or both, and what its containers do. */
export interface ImageDescription {
  /** As in a declaration. */
  readonly reference: string
  /** `sha256:…`. Default: the reference's own, or derived from the reference. */
  readonly digest?: string
  /** Images with the same content have one id, as after an index was rebuilt. By default each digest has its own. */
  readonly content?: string
  /** The total of its layers. Default 60 MB in 4 layers. */
  readonly sizeBytes?: number
  readonly layers?: number
  /** How long the engine is silent while it unpacks all layers. By default it reports each as it arrives. */
  readonly unpackMillis?: number
  /** The engine has it already. Default false. */
  readonly local?: boolean
  /** The registry has it. Default true. */
  readonly remote?: boolean
  /** The registry requires this token for it. */
  readonly token?: string
  /** The registry requires one of these users, or the token, for it. */
  readonly logins?: ReadonlyArray<RegistryLogin>
  /** What its process does. Default: it runs, and ends 200 ms after SIGTERM. */
  readonly behaviour?: Behaviour
  /**
   * What its process does instead if it is started with these words, joined by spaces. `$(NAME)` in them stands for any
   * text.
   */
  readonly commands?: Readonly<Record<string, Behaviour>>
  /** What its process listens on. If one of them is taken in its namespace, it says so and exits with 1. */
  readonly listensOn?: ReadonlyArray<ListenedPort>
  /** The paths of its files, as a `subPath` has them. By default whatever is asked for is there. */
  readonly files?: ReadonlyArray<string>
  /** Its programs: a command that names another cannot be started. All by default. */
  readonly programs?: ReadonlyArray<string>
  /** Its only platform. Default `linux/amd64`, that of the simulated VM. */
  readonly platform?: string
  /** What its containers inherit. Nothing by default. */
  readonly entrypoint?: ReadonlyArray<string>
  readonly cmd?: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
  readonly user?: string
}

/** A user of a registry. */
export interface RegistryLogin {
  readonly username: string
  readonly password: string
}

/** A port that a process listens on, in the network namespace of its container. */
export interface ListenedPort {
  readonly port: number
  /** Default `tcp`. */
  readonly protocol?: PortProtocol
  /** How long after the process's start a connection is accepted. Default 0. */
  readonly afterMillis?: number
  /** How it answers. Without it, it accepts connections and says nothing. */
  readonly serves?: Served
}

/** What a process serves on a port. */
export interface Served {
  /** The status of each path without its query; 404 for others. */
  readonly http?: Readonly<Record<string, number>>
  /** gRPC's health status of each service, the server's own under the empty name. */
  readonly grpc?: Readonly<Record<string, "SERVING" | "NOT_SERVING">>
  /** Until then after its start it answers 503 and NOT_SERVING. Default 0. */
  readonly readyAfterMillis?: number
  /** When it is not well by itself. Never by default. */
  readonly spells?: ReadonlyArray<Spell>
}

/**
 * A time in which a process runs and is not well: it answers 503 and NOT_SERVING. See `isUnwell` of a simulated
 * container for one that begins when a test says so.
 */
export interface Spell {
  /** From its start, or from the VM's beginning: a restart ends the former. */
  readonly since: "start" | "beginning"
  readonly fromMillis: number
  /** By default it does not end. */
  readonly untilMillis?: number
}

/** What a container's process does. Times are milliseconds from its start. */
export type Behaviour =
  | {
      readonly _tag: "Runs"
      /** Time from SIGTERM to its end; killed if that exceeds the grace period. */
      readonly stopsAfterMillis?: number
      readonly log?: ReadonlyArray<string>
      /** When its health check first answers, and how. No health check by default. */
      readonly health?: { readonly afterMillis: number; readonly status: "healthy" | "unhealthy" }
      /** When it wants so much memory. Where it may not have that, the kernel kills it. None to speak of by default. */
      readonly memory?: {
        readonly afterMillis: number
        readonly bytes: number
        /** True if a child of its first process wants it: that alone is killed, and the container goes on. */
        readonly ofChild?: boolean
      }
    }
  | {
      readonly _tag: "Exits"
      readonly afterMillis: number
      readonly exitCode: number
      readonly log?: ReadonlyArray<string>
      /** What it writes into the file of its `terminationMessagePath`, if it has one. */
      readonly terminationMessage?: string
      /** Of a command in a container: when it fails with exit code 1 instead. */
      readonly spells?: ReadonlyArray<Spell>
    }

/** A container that exists before the first run. */
export interface ContainerDescription {
  readonly name: string
  readonly image: string
  readonly labels?: Readonly<Record<string, string>>
  readonly restartPolicy?: "no" | "always" | "on-failure" | "unless-stopped"
  readonly running?: boolean
  /** Default `host`. */
  readonly networkMode?: NetworkMode
  readonly hostname?: string
  readonly ports?: ReadonlyArray<PublishedPort>
  /** The engine began to remove it before the first run. It does not run, whatever `running` says. */
  readonly status?: "dead" | "removing"
  readonly stuck?: StuckDescription
}

/** What the engine fails to do with a container. It can do the rest. */
export interface StuckDescription {
  /** `busy`: its files are in use, and it is dead from then on. `in progress`: another request is removing it. */
  readonly removal?: "busy" | "in progress"
  /** It can be neither inspected nor started. */
  readonly inspection?: "fails"
  /** Its process cannot be ended. */
  readonly stop?: "fails"
  readonly rename?: "fails"
  /** How many of these calls fail; all by default. */
  readonly calls?: number
}
