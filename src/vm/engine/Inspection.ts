import type * as Option from "effect/Option"
import type { ContainerConfig, ImageConfig } from "./ContainerConfig.ts"
import type { PublishedPort } from "./ContainerNetwork.ts"
import type { EngineRestartPolicy } from "./ContainerSpec.ts"

/** One entry of `GET /containers/json?all=true`. */
export interface ContainerSummary {
  readonly id: string
  /** Without the leading slash. A container can have several (links). */
  readonly names: ReadonlyArray<string>
  readonly labels: Readonly<Record<string, string>>
  /** The id of the image that it was created from, `sha256:…`. */
  readonly imageId: string
  /** `unknown` if the engine has another word for it. */
  readonly status: ContainerStatus | "unknown"
  /** If it has ended, and the engine tells. */
  readonly exitCode: number | undefined
  /** What is published for it on the host: nothing unless it runs, nor of what it listens on by itself. */
  readonly ports: ReadonlyArray<PublishedPort>
}

/** A container's state in the engine's words. Source: `State.Status`. */
export type ContainerStatus = "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead"

/** `GET /containers/{id}/json`, as far as needed. */
export interface ContainerInspection {
  readonly id: string
  /** Without the leading slash. */
  readonly name: string
  /** The id of the image that it was created from, `sha256:…`. */
  readonly imageId: string
  /** The reference that it was created with. */
  readonly image: string
  readonly labels: Readonly<Record<string, string>>
  readonly status: ContainerStatus
  readonly exitCode: number
  /** Since its last start the kernel has killed a process of it, for which there was no memory. */
  readonly hasRunOutOfMemory?: boolean
  /** The engine's own message on why it could not be started, or empty. */
  readonly error: string
  /** When it was last started, by the host's wall clock in milliseconds since the epoch; `none` if never. */
  readonly startedAt: Option.Option<number>
  /** How often the engine has restarted it. */
  readonly restartCount: number
  readonly restartPolicy: EngineRestartPolicy
  readonly health: Option.Option<"starting" | "healthy" | "unhealthy">
  /** Its IPv4 address while it runs, if it has one of its own: not on the host's network or another container's. */
  readonly address?: string | undefined
  /** Where on the host the engine has mounted images for it; absent if it has none. */
  readonly imageMountPoints?: ReadonlyArray<string>
  /** What it was created with. Values of env are redacted. */
  readonly config: ContainerConfig
}

/** `GET /images/{reference}/json`, as far as needed. */
export interface ImageInspection {
  readonly id: string
  /** The manifest digests (`sha256:…`) that it has in its repositories. */
  readonly digests: ReadonlyArray<string>
  readonly sizeBytes: number
  /**
   * When the engine last tagged it, which a pull does, in milliseconds since the epoch; absent if the engine does not
   * tell.
   */
  readonly taggedAt?: number | undefined
  /** What its containers inherit. */
  readonly config: ImageConfig
}

/** One entry of `GET /networks`. */
export interface NetworkSummary {
  readonly id: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
}

/** What a command that ran in a container to its end left behind. A non-zero exit code is data, not an error. */
export interface ExecResult {
  /** 126 and 127 where it could not be started, as a shell has it. */
  readonly exitCode: number
  /** Both its outputs as they came, at most the last 64 KiB. */
  readonly output: string
}

/** Something that happened to a container. */
export type ContainerEvent =
  | { readonly _tag: "Died"; readonly exitCode: number }
  /** The kernel has killed a process of it, for which there was no memory. */
  | { readonly _tag: "OutOfMemory" }
  | { readonly _tag: "Health"; readonly health: "healthy" | "unhealthy" }
  /** Its restart policy, or a limit, was changed. */
  | { readonly _tag: "Updated" }
  /** It was sent a signal, with which Docker begins to stop it. Only who asks for the events of one container is told. */
  | { readonly _tag: "Signalled" }

/** What an engine tells while it is listened to. */
export type EngineEvent =
  /** The engine listens: whatever happens from here on is told. */
  { readonly _tag: "Listening" } | ContainerHappening

/** Something that happened to a container, whoever's it is. */
export interface ContainerHappening extends Pick<ContainerSummary, "id" | "labels"> {
  readonly _tag: "Happened"
  /** The engine's name for it then, without the leading slash. */
  readonly name: string
  readonly event:
    | Exclude<ContainerEvent, { readonly _tag: "Signalled" }>
    | { readonly _tag: "Started" }
    | { readonly _tag: "Renamed" }
    | { readonly _tag: "Paused" }
    | { readonly _tag: "Unpaused" }
    | { readonly _tag: "Destroyed" }
}
