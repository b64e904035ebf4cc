import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type * as Stream from "effect/Stream"
import type { ImageReference } from "../declaration/ImageReference.ts"
import type { ContainerSpec, EngineRestartPolicy } from "./ContainerSpec.ts"
import type { DockerError } from "./DockerError.ts"
import type { PullProgress } from "./PullStream.ts"

/** One entry of `GET /containers/json?all=true`. */
export interface ContainerSummary {
  readonly id: string
  /** Without the leading slash. A container can have several (links). */
  readonly names: ReadonlyArray<string>
  readonly labels: Readonly<Record<string, string>>
}

export type ContainerStatus = "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead"

/** `GET /containers/{id}/json`, as far as it is needed. */
export interface ContainerInspection {
  readonly id: string
  /** Without the leading slash. */
  readonly name: string
  /** The id of the image that it was created from, `sha256:…`. */
  readonly imageId: string
  readonly labels: Readonly<Record<string, string>>
  readonly status: ContainerStatus
  readonly exitCode: number
  /** The engine's own word on why it could not be started; empty otherwise. */
  readonly error: string
  /** How often the engine has started it again. */
  readonly restartCount: number
  readonly restartPolicy: EngineRestartPolicy
  readonly health: Option.Option<"starting" | "healthy" | "unhealthy">
}

/** `GET /images/{reference}/json`, as far as it is needed. */
export interface ImageInspection {
  readonly id: string
  /** The manifest digests (`sha256:…`) under which the engine got it from a repository of that name. */
  readonly digests: ReadonlyArray<string>
  readonly sizeBytes: number
}

/** Something that happened to a container. */
export type ContainerEvent =
  | { readonly _tag: "Died"; readonly exitCode: number }
  | { readonly _tag: "Health"; readonly health: "healthy" | "unhealthy" }

/** The Docker engine, as far as starting a container needs it. Every call may fail with `DockerError`. */
export class DockerClient extends Context.Service<
  DockerClient,
  {
    /** Succeeds when the engine answers. */
    readonly ping: Effect.Effect<void, DockerError>
    /** All containers, whatever their state. */
    readonly listContainers: Effect.Effect<ReadonlyArray<ContainerSummary>, DockerError>
    /** `none` where there is no such container. */
    readonly inspectContainer: (idOrName: string) => Effect.Effect<Option.Option<ContainerInspection>, DockerError>
    /** `none` where the engine does not hold the image. */
    readonly inspectImage: (image: ImageReference) => Effect.Effect<Option.Option<ImageInspection>, DockerError>
    /**
     * The manifest digest that the registry has for the reference now; changes nothing.
     * `none` where the engine lacks the endpoint. Source: `GET /distribution/{reference}/json`.
     */
    readonly resolveDigest: (
      image: ImageReference,
      token: Option.Option<Redacted.Redacted>
    ) => Effect.Effect<Option.Option<string>, DockerError>
    /**
     * Pulls one tag or digest (`latest` where the reference names neither). An error line in the engine's stream
     * is an error of this one; interruption aborts the pull. The stream ends when the image is there.
     */
    readonly pull: (
      image: ImageReference,
      token: Option.Option<Redacted.Redacted>
    ) => Stream.Stream<PullProgress, DockerError>
    /** Succeeds with the new container's id. */
    readonly createContainer: (spec: ContainerSpec) => Effect.Effect<string, DockerError>
    /** Succeeds too if it was running. */
    readonly startContainer: (id: string) => Effect.Effect<void, DockerError>
    /** SIGTERM, then SIGKILL after `grace` (whole seconds). Succeeds too if it was not running. */
    readonly stopContainer: (id: string, grace: Duration.Duration) => Effect.Effect<void, DockerError>
    /** Removes it with its anonymous volumes, running or not. Succeeds too if there was none. */
    readonly removeContainer: (id: string) => Effect.Effect<void, DockerError>
    readonly renameContainer: (id: string, name: string) => Effect.Effect<void, DockerError>
    readonly updateRestartPolicy: (id: string, policy: EngineRestartPolicy) => Effect.Effect<void, DockerError>
    /**
     * What has happened and happens to a container, from its creation on, in order. Does not end by itself.
     * Source: `GET /events`, of which the engine keeps the last 256 or so.
     */
    readonly containerEvents: (id: string) => Stream.Stream<ContainerEvent, DockerError>
    /** The last lines that it wrote to stdout and stderr, oldest first. */
    readonly lastLogLines: (id: string, count: number) => Effect.Effect<ReadonlyArray<string>, DockerError>
    /** What it writes from now on, as it comes; ends when the container does. */
    readonly followLogs: (
      id: string
    ) => Stream.Stream<{ readonly channel: "stdout" | "stderr"; readonly bytes: Uint8Array }, DockerError>
  }
>()("slipway/vm/DockerClient") {}
