import type * as Option from "effect/Option"
import type { ContainerConfig, ImageConfig } from "./ContainerConfig.ts"
import type { EngineRestartPolicy } from "./ContainerSpec.ts"

/** One entry of `GET /containers/json?all=true`. */
export interface ContainerSummary {
  readonly id: string
  /** Without the leading slash. A container can have several (links). */
  readonly names: ReadonlyArray<string>
  readonly labels: Readonly<Record<string, string>>
  /** The id of the image that it was created from, `sha256:…`. */
  readonly imageId: string
  /** `unknown` where the engine has another word for it. */
  readonly status: ContainerStatus | "unknown"
  /** Of one that has ended, as far as the engine tells. */
  readonly exitCode: number | undefined
}

export type ContainerStatus = "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead"

/** `GET /containers/{id}/json`, as far as it is needed. */
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
  /** The engine's own word on why it could not be started; empty otherwise. */
  readonly error: string
  /** When it was last started, in milliseconds since the epoch by the host's wall clock; `none` if never. */
  readonly startedAt: Option.Option<number>
  /** How often the engine has started it again. */
  readonly restartCount: number
  readonly restartPolicy: EngineRestartPolicy
  readonly health: Option.Option<"starting" | "healthy" | "unhealthy">
  /** What it was created with. Values of env are redacted. */
  readonly config: ContainerConfig
}

/** `GET /images/{reference}/json`, as far as it is needed. */
export interface ImageInspection {
  readonly id: string
  /** The manifest digests (`sha256:…`) under which the engine got it from its repositories. */
  readonly digests: ReadonlyArray<string>
  readonly sizeBytes: number
  /** When the engine last tagged it, which a pull does, in milliseconds since the epoch; absent where it does not say. */
  readonly taggedAt?: number | undefined
  /** What it brings into its containers. */
  readonly config: ImageConfig
}

/** Something that happened to a container. */
export type ContainerEvent =
  | { readonly _tag: "Died"; readonly exitCode: number }
  | { readonly _tag: "Health"; readonly health: "healthy" | "unhealthy" }
