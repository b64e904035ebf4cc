import type * as Redacted from "effect/Redacted"
import type { Hooks } from "../../workload/Lifecycle.ts"
import type { TerminationMessage } from "../../workload/TerminationMessage.ts"
import type { DnsSettings } from "../../workload/Workload.ts"
import type { EngineResources } from "./EngineResources.ts"
import type { ContainerNamespaces } from "./ContainerNamespaces.ts"
import type { ContainerSecurity } from "./ContainerSecurity.ts"
import type { LogConfig } from "./LogConfig.ts"
import type { HostEntry, NetworkMode, PublishedPort } from "./ContainerNetwork.ts"

/** When the engine restarts a container, in the engine's own words. */
export interface EngineRestartPolicy {
  readonly name: "no" | "always" | "on-failure" | "unless-stopped"
  readonly maximumRetryCount: number
}

/** Whether a container with this policy stays ended after this exit code. */
export const mayEnd = (policy: EngineRestartPolicy, exitCode: number): boolean =>
  policy.name === "no" || (policy.name === "on-failure" && exitCode === 0)

/** Whether that is success: a job, or a container that is retried until it succeeds, has exited with 0. */
export const isEndAsDeclared = (policy: EngineRestartPolicy, exitCode: number): boolean =>
  mayEnd(policy, exitCode) && exitCode === 0

/**
 * How a container came to its end. What its policy would have the engine start again, and does not run, was stopped:
 * by `docker stop` or `docker kill`, after which the engine leaves it alone, unless it says what kept it from starting.
 */
export const endWords = ({ restartPolicy, exitCode, error }: Ended): string =>
  error === "" && !mayEnd(restartPolicy, exitCode) && !isLimited(restartPolicy)
    ? `was stopped, with exit code ${exitCode}`
    : `has ended with exit code ${exitCode}`

interface Ended {
  readonly restartPolicy: EngineRestartPolicy
  readonly exitCode: number
  readonly error: string
}

/** The engine gives up after so many restarts. */
const isLimited = ({ name, maximumRetryCount }: EngineRestartPolicy): boolean =>
  name === "on-failure" && maximumRetryCount > 0

/** A bind of the engine's `Mounts`. Unlike one of `Binds`, its source must exist. */
export interface BindMount {
  readonly source: string
  readonly target: string
  readonly readOnly: boolean
  /** Absent: `rprivate`. */
  readonly propagation?: "rslave" | "rshared"
  /** What is mounted below is not read-only. */
  readonly readOnlyNonRecursive?: true
  /** What is mounted below is read-only too, or the container does not start. */
  readonly readOnlyForceRecursive?: true
}

/** An image whose files the engine mounts, read-only. Source: `Mounts` of type `image`, since API 1.48. */
export interface ImageMount {
  /** The image's reference, as declared. */
  readonly source: string
  readonly target: string
  /** What of the image is mounted, if not all. */
  readonly subPath?: string
}

/** An environment variable of a container. Its value may be a secret. */
export interface RedactedVariable {
  readonly name: string
  readonly value: Redacted.Redacted
  /** Stands for the value in the hash of a spec: see `EnvironmentVariable`. */
  readonly identity?: string
}

/** What a container is created with. Names follow the engine's `POST /containers/create`. */
export interface ContainerSpec {
  readonly name: string
  /** The image reference as declared. */
  readonly image: string
  /** The image's entrypoint if undefined. */
  readonly entrypoint: ReadonlyArray<string> | undefined
  /** The image's command if undefined. */
  readonly cmd: ReadonlyArray<string> | undefined
  /** In order. Redacted, so that a plan can be printed. */
  readonly env: ReadonlyArray<RedactedVariable>
  readonly openStdin: boolean
  readonly tty: boolean
  /** `host:container[:options]`, of `ro`, `rslave` and `rshared`. The engine creates a missing host path. */
  readonly binds: ReadonlyArray<string>
  readonly mounts: ReadonlyArray<BindMount>
  /** Absent if there are none. */
  readonly imageMounts?: ReadonlyArray<ImageMount>
  readonly privileged: boolean
  readonly networkMode: NetworkMode
  readonly restartPolicy: EngineRestartPolicy
  /** Absent: the engine's own driver and options. */
  readonly logConfig?: LogConfig
  readonly labels: Readonly<Record<string, string>>
  // A hash of the spec is the identity of a container: what is not declared is absent, and the hash stays as it was.
  /** Absent: that of its network. A container on another's network can have none of its own, nor the next three. */
  readonly hostname?: string
  readonly extraHosts?: ReadonlyArray<HostEntry>
  readonly dns?: DnsSettings
  /** On the host's network nothing is published: the container's ports are the host's. */
  readonly ports?: ReadonlyArray<PublishedPort>
  readonly resources?: EngineResources
  /** Absent: the image's. */
  readonly workingDir?: string
  readonly stdinOnce?: true
  /** `SIGKILL`. Absent: the image's, else SIGTERM. */
  readonly stopSignal?: string
  /** In seconds, from the stop signal to SIGKILL. Absent: the engine's ten. */
  readonly stopTimeout?: number
  /** They are no part of what the engine does: it only keeps them, see `hooksLabel`. */
  readonly hooks?: Hooks
  /** Made part of `mounts` and `labels` once its file is there: see `withMessageFile`. */
  readonly terminationMessage?: TerminationMessage
  readonly security?: ContainerSecurity
  readonly namespaces?: ContainerNamespaces
  /** Identifies what is in the volumes of files that it mounts. The engine is told nothing of it. */
  readonly contents?: Redacted.Redacted
  /** The engine's runtime, by name: `runsc`. Absent: the engine's default. */
  readonly runtime?: string
}
