import type { EngineProduct } from "../vm/engine/EngineProduct.ts"
import type { AttachedDisk } from "../vm/metadata/MetadataProvider.ts"

/** What a simulated VM is made as. All of it is plain data; what is left out has a sensible default. */
export interface VmDescription {
  /** Default `vm`. */
  readonly hostname?: string
  /** Seeds latencies, ids, and with the hostname the random source. The same seed gives the same run. Default `0`. */
  readonly seed?: string | number
  /** The declaration that metadata holds, and under which key. None by default. */
  readonly declaration?: string
  readonly declarationKey?: "slipway-declaration" | "gce-container-declaration"
  /** Other keys of its metadata, with their values. */
  readonly attributes?: Readonly<Record<string, string>>
  /** The service account's token. Null: the VM has no service account. Default `token`. */
  readonly token?: string | null
  /** False: there is no metadata server, as outside the cloud: its name does not resolve. Default true. */
  readonly metadata?: boolean
  readonly disks?: ReadonlyArray<DiskDescription>
  readonly images?: ReadonlyArray<ImageDescription>
  readonly containers?: ReadonlyArray<ContainerDescription>
  /** Symbolic links of the host, and where each leads: `{ "/mnt/disks": "/var/mnt" }`. */
  readonly links?: Readonly<Record<string, string>>
  /** Which engine it has: `Podman` cannot ask registries for digests, as an example. Default `Docker`. */
  readonly engine?: EngineProduct["name"]
  /** What keeps its images. One that loses its last name is kept by a graph driver, and dropped by containerd's store. */
  readonly imageStore?: "graph driver" | "containerd"
  /** False: the host has no ip6tables. Default true. */
  readonly ipv6?: boolean
  /** Bytes that a pull gets in a second. Default 50 MB. */
  readonly bytesPerSecond?: number
}

export interface DiskDescription {
  readonly deviceName: string
  readonly mode?: AttachedDisk["mode"]
  /** Default 10 GB. */
  readonly sizeBytes?: number
  readonly content: DiskContentDescription
  /** False: the device is there, but metadata does not list it. Default true. */
  readonly attached?: boolean
  /** Its link under `/dev/disk/by-id`, behind `google-`: `local-nvme-ssd-0`. Default: the device name. */
  readonly linkName?: string
  /** How long after the boot its device appears. Default 0. */
  readonly appearsAfterMillis?: number
}

export type DiskContentDescription =
  | { readonly _tag: "Blank" }
  /**
   * A fault of `repairable` is one that `fsck -p` repairs, one of `broken` is not. `newer` is no fault, but a feature that
   * fsck does not know; the kernel does not know that of `tooNew` either. `unreplayed` is a journal that has to be replayed.
   */
  | {
      readonly _tag: "Ext4"
      readonly files?: Readonly<Record<string, string>>
      readonly fault?: "repairable" | "broken" | "newer" | "tooNew" | "unreplayed"
    }
  | { readonly _tag: "Filesystem"; readonly type: string }
  | { readonly _tag: "Partitioned"; readonly partitions: ReadonlyArray<DiskContentDescription> }
  /** Such as `LVM2_member` or `swap`. */
  | { readonly _tag: "Signature"; readonly type: string }
  /** Bytes that nothing knows. */
  | { readonly _tag: "Data" }

export interface ImageDescription {
  /** As a declaration would name it. */
  readonly reference: string
  /** `sha256:…`; the reference's own, or made from the reference, where it is left out. */
  readonly digest?: string
  /** Images of the same content have one id, as have those of an index that was made anew. By default each digest has its own. */
  readonly content?: string
  /** Of its layers together. Default 60 MB in 4 layers. */
  readonly sizeBytes?: number
  readonly layers?: number
  /** For so long the engine says nothing while it unpacks all of them. By default it tells of each as it comes. */
  readonly unpackMillis?: number
  /** The engine holds it already. Default false. */
  readonly local?: boolean
  /** The registry has it. Default true. */
  readonly remote?: boolean
  /** The registry gives it only to who shows this token. */
  readonly token?: string
  /** What its process does. Default: runs, and ends 200 ms after SIGTERM. */
  readonly behaviour?: Behaviour
  /** The programs that it has: a command that names another does not start. All, where left out. */
  readonly programs?: ReadonlyArray<string>
  /** The one platform that it is made for. Default `linux/amd64`, which the simulated VM is. */
  readonly platform?: string
  /** What it brings into its containers; nothing, where left out. */
  readonly entrypoint?: ReadonlyArray<string>
  readonly cmd?: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
}

export type Behaviour =
  | {
      readonly _tag: "Runs"
      /** Between SIGTERM and its end; more than the grace period gets it killed. */
      readonly stopsAfterMillis?: number
      readonly log?: ReadonlyArray<string>
      /** When its health check first answers, and what. It has none where left out. */
      readonly health?: { readonly afterMillis: number; readonly status: "healthy" | "unhealthy" }
    }
  | {
      readonly _tag: "Exits"
      readonly afterMillis: number
      readonly exitCode: number
      readonly log?: ReadonlyArray<string>
    }

/** A container that is there before the first run. */
export interface ContainerDescription {
  readonly name: string
  readonly image: string
  readonly labels?: Readonly<Record<string, string>>
  readonly restartPolicy?: "no" | "always" | "on-failure" | "unless-stopped"
  readonly running?: boolean
  /** The engine began to remove it, before the first run. It does not run, whatever `running` says. */
  readonly status?: "dead" | "removing"
  readonly stuck?: StuckDescription
}

/** What the engine fails at with one container. What is left out it can do. */
export interface StuckDescription {
  /** `busy`: what it consists of is in use, and it is dead from then on. `in progress`: another request is at it. */
  readonly removal?: "busy" | "in progress"
  /** It cannot be inspected, nor started. */
  readonly inspection?: "fails"
  /** Its process cannot be ended. */
  readonly stop?: "fails"
  readonly rename?: "fails"
  /** After so many of these calls the engine can again; never, where left out. */
  readonly calls?: number
}
