import type * as Redacted from "effect/Redacted"

/** When the engine starts a container again, in the engine's own words. */
export interface EngineRestartPolicy {
  readonly name: "no" | "always" | "on-failure" | "unless-stopped"
  readonly maximumRetryCount: number
}

/** Whether a container with this policy may end with this exit code, and stay ended. */
export const mayEnd = (policy: EngineRestartPolicy, exitCode: number): boolean =>
  policy.name === "no" || (policy.name === "on-failure" && exitCode === 0)

/** Whether that end is what the policy is for: a job, or what is tried until it succeeds, that succeeded. */
export const isEndAsDeclared = (policy: EngineRestartPolicy, exitCode: number): boolean =>
  mayEnd(policy, exitCode) && exitCode === 0

/** A bind of the engine's `Mounts`: unlike a bind of `Binds`, the engine refuses it while the source is missing. */
export interface BindMount {
  readonly source: string
  readonly target: string
  readonly readOnly: boolean
}

/** A variable of a container's environment. Its value may be a secret. */
export interface RedactedVariable {
  readonly name: string
  readonly value: Redacted.Redacted
}

/** What a container is created with. Names follow the engine's `POST /containers/create`. */
export interface ContainerSpec {
  readonly name: string
  /** The image reference as declared. */
  readonly image: string
  /** Undefined leaves the image's entrypoint. */
  readonly entrypoint: ReadonlyArray<string> | undefined
  /** Undefined leaves the image's command. */
  readonly cmd: ReadonlyArray<string> | undefined
  /** In order; `NAME=value` for the engine. Redacted, so that a plan can be printed. */
  readonly env: ReadonlyArray<RedactedVariable>
  readonly openStdin: boolean
  readonly tty: boolean
  /** `host:container[:ro]`. The engine creates a host path that is missing. */
  readonly binds: ReadonlyArray<string>
  readonly mounts: ReadonlyArray<BindMount>
  readonly privileged: boolean
  readonly networkMode: "host"
  readonly restartPolicy: EngineRestartPolicy
  readonly logConfig: { readonly type: "json-file"; readonly config: Readonly<Record<string, string>> }
  readonly labels: Readonly<Record<string, string>>
}
