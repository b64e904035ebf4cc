import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Stream from "effect/Stream"
import type { ImageReference } from "../../workload/ImageReference.ts"
import type { RegistryCredentials } from "../../workload/RegistryCredentials.ts"
import { containerCalls } from "./containerCalls.ts"
import type { NetworkSpec } from "./ContainerNetwork.ts"
import type { ContainerSpec, EngineRestartPolicy } from "./ContainerSpec.ts"
import type { DockerError } from "./DockerError.ts"
import * as EngineAnswer from "./EngineAnswer.ts"
import { defaultEngineAddress, type EngineAddress } from "./EngineAddress.ts"
import { connectEngine, get, noneWhereMissing } from "./EngineConnection.ts"
import { type EngineFacts, engineFacts, logPlugins } from "./EngineFacts.ts"
import { type EngineProduct, engineProduct } from "./EngineProduct.ts"
import { execCalls } from "./execCalls.ts"
import { imageCalls } from "./imageCalls.ts"
import type {
  ContainerEvent,
  ContainerInspection,
  ContainerSummary,
  EngineEvent,
  ExecResult,
  ImageInspection,
  NetworkSummary
} from "./Inspection.ts"
import type { LogChunk } from "./LogFrames.ts"
import { networkCalls } from "./networkCalls.ts"
import type { PullProgress } from "./PullStream.ts"

/** The part of the Docker engine that starting containers needs. Every call may fail with `DockerError`. */
export class DockerClient extends Context.Service<
  DockerClient,
  {
    /** Succeeds when the engine answers, and does not go down already; with its product and version. */
    readonly ping: Effect.Effect<EngineProduct, DockerError>
    /** All containers, in any state. */
    readonly listContainers: Effect.Effect<ReadonlyArray<ContainerSummary>, DockerError>
    /** `none` if there is no such container. */
    readonly inspectContainer: (idOrName: string) => Effect.Effect<Option.Option<ContainerInspection>, DockerError>
    /** By a reference or an id (`sha256:…`); `none` if the engine does not have the image. */
    readonly inspectImage: (
      image: ImageReference | string
    ) => Effect.Effect<Option.Option<ImageInspection>, DockerError>
    /**
     * The manifest digest that the registry has for the reference now. Changes nothing.
     * `none` if the engine lacks the endpoint. Source: `GET /distribution/{reference}/json`.
     */
    readonly resolveDigest: (
      image: ImageReference,
      credentials: Option.Option<RegistryCredentials>
    ) => Effect.Effect<Option.Option<string>, DockerError>
    /**
     * Pulls one tag or digest (`latest` if the reference names neither). An error line in the engine's stream fails this
     * one; interruption aborts the pull. The stream ends when the image is there.
     */
    readonly pull: (
      image: ImageReference,
      credentials: Option.Option<RegistryCredentials>
    ) => Stream.Stream<PullProgress, DockerError>
    /** Points the target, a tag, at the source's image. The image that had the tag loses it. */
    readonly tagImage: (source: ImageReference, target: ImageReference) => Effect.Effect<void, DockerError>
    /**
     * Removes an image by its id, together with its only tag. An image from which a container was created, or which has
     * a second tag or repository, is "in use" and stays.
     */
    readonly removeImage: (id: string) => Effect.Effect<"removed" | "in use" | "absent", DockerError>
    /**
     * Makes an image, which no registry has, of the tar of a root filesystem, and tags it. `changes` are instructions of a
     * Dockerfile, such as `ENTRYPOINT ["/pause"]`. The image is for the engine's own architecture.
     */
    readonly importImage: (
      archive: Uint8Array,
      image: ImageReference,
      changes: ReadonlyArray<string>
    ) => Effect.Effect<void, DockerError>
    /** The architecture of the engine's machine in Go's names, `amd64`. Source: `GET /version`. */
    readonly architecture: Effect.Effect<string, DockerError>
    /** The networks that have the label. */
    readonly listNetworks: (label: string) => Effect.Effect<ReadonlyArray<NetworkSummary>, DockerError>
    /** Creates a bridge network and returns its id. A name that another network has is a `Conflict`. */
    readonly createNetwork: (spec: NetworkSpec) => Effect.Effect<string, DockerError>
    /** A network that a running container is on is "in use" and stays. */
    readonly removeNetwork: (idOrName: string) => Effect.Effect<"removed" | "in use" | "absent", DockerError>
    /** The directories in which the engine may store images and containers. Source: `GET /info`. */
    readonly dataRoots: Effect.Effect<ReadonlyArray<string>, DockerError>
    /** What the engine tells of itself and of its machine. Source: `GET /info`. */
    readonly facts: Effect.Effect<EngineFacts, DockerError>
    /** The log drivers of its plugins, each by its name with and without the tag `latest`. Source: `GET /plugins`. */
    readonly logPlugins: Effect.Effect<ReadonlyArray<string>, DockerError>
    /** Creates a container and returns its id. */
    readonly createContainer: (spec: ContainerSpec) => Effect.Effect<string, DockerError>
    /** No error if it is already running. */
    readonly startContainer: (id: string) => Effect.Effect<void, DockerError>
    /**
     * SIGTERM, then SIGKILL after `grace` (whole seconds). No error if it is not running. Interrupting the call does not
     * cancel the stop: until the container ends it is "running", and starting it does nothing.
     */
    readonly stopContainer: (id: string, grace: Duration.Duration) => Effect.Effect<void, DockerError>
    /** Waits until it is not running. */
    readonly awaitEnd: (id: string) => Effect.Effect<void, DockerError>
    /** Removes it and its anonymous volumes, running or not. No error if there is none. */
    readonly removeContainer: (id: string) => Effect.Effect<void, DockerError>
    readonly renameContainer: (id: string, name: string) => Effect.Effect<void, DockerError>
    /** Lets go on what somebody has paused. An error if it is not paused. */
    readonly unpauseContainer: (id: string) => Effect.Effect<void, DockerError>
    readonly updateRestartPolicy: (id: string, policy: EngineRestartPolicy) => Effect.Effect<void, DockerError>
    /**
     * What happened to a container since its creation, then what happens, in order. Never ends by itself.
     * Source: `GET /events`; the engine keeps about the last 256 events.
     */
    readonly containerEvents: (id: string) => Stream.Stream<ContainerEvent, DockerError>
    /**
     * What happens to all containers, whoever's they are, after `Listening`, which comes once the engine answers. Ends
     * or fails with the connection. Source: `GET /events`.
     */
    readonly events: Stream.Stream<EngineEvent, DockerError>
    /**
     * Runs a command in a container that runs, to its end. Interrupting the call leaves it running. A container that does
     * not run is a `Conflict`.
     */
    readonly exec: (id: string, command: ReadonlyArray<string>) => Effect.Effect<ExecResult, DockerError>
    /** The last lines of its stdout and stderr, oldest first. */
    readonly lastLogLines: (id: string, count: number) => Effect.Effect<ReadonlyArray<string>, DockerError>
    /** Its output from the beginning, as it comes; ends when the container does. */
    readonly followLogs: (id: string) => Stream.Stream<LogChunk, DockerError>
  }
>()("slipway/vm/DockerClient") {
  /** The engine at the address. Interrupting a call closes its connection. */
  static readonly layer = (address: EngineAddress = defaultEngineAddress) =>
    Layer.effect(
      DockerClient,
      Effect.map(connectEngine(address), (engine) =>
        DockerClient.of({
          ping: Effect.map(
            engine.headers({ ...get("ping the engine", "/_ping"), isFresh: true }),
            ({ server, "api-version": api }) => ({
              ...engineProduct(String(server)),
              ...(typeof api === "string" ? { apiVersion: api } : {})
            })
          ),
          dataRoots: engine.decoded(get("ask the engine for its data root", "/info"), EngineAnswer.dataRoots),
          facts: engine.decoded(get("ask the engine for its machine", "/info"), engineFacts),
          logPlugins: noneWhereMissing(
            engine.decoded(get("ask the engine for its log plugins", "/plugins"), logPlugins)
          ).pipe(Effect.map(Option.getOrElse(() => []))),
          architecture: engine.decoded(
            get("ask the engine for its architecture", "/version"),
            EngineAnswer.architecture
          ),
          ...networkCalls(engine),
          ...containerCalls(engine),
          ...execCalls(engine),
          ...imageCalls(engine)
        })
      )
    )
}
