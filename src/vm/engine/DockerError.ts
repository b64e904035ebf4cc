import * as Schema from "effect/Schema"
import * as Engine from "./EngineReason.ts"
import type { FailureOrigin } from "./FailureOrigin.ts"
import * as Image from "./ImageReason.ts"
import * as Proxy from "./ProxyReason.ts"
import * as Registry from "./RegistryReason.ts"
import { StartReason } from "./StartReason.ts"

export * from "./EngineReason.ts"
export * from "./ImageReason.ts"
export * from "./ProxyReason.ts"
export * from "./RegistryReason.ts"
export * from "./StartReason.ts"
export type { FailureOrigin } from "./FailureOrigin.ts"

/** Every reason for which a call to the engine can fail. */
export const DockerErrorReason = Schema.Union([
  Engine.EngineUnreachable,
  Engine.EngineAccessDenied,
  Engine.AnswerLost,
  Engine.RequestRefused,
  Engine.NotFound,
  Engine.Conflict,
  Engine.EngineFailed,
  Engine.NoSpace,
  Engine.EngineDiskFailed,
  Engine.LogUnreadable,
  Engine.AnswerInvalid,
  Registry.ImageNotFound,
  Registry.ImageAccessDenied,
  Registry.RateLimited,
  Registry.RegistryFailed,
  Registry.RegistryRefused,
  Registry.LayerMissing,
  Registry.RegistryUnreachable,
  Registry.TransferBroken,
  Registry.CertificateUntrusted,
  Registry.CertificateOutOfDate,
  Registry.RegistryWithoutTls,
  Registry.TlsRefused,
  Proxy.ProxyFailed,
  Proxy.ProxyRefused,
  Image.PlatformMissing,
  Image.ImageUnusable,
  ...StartReason.members
])

/** What a reason tells beyond the engine's message. */
interface Explained {
  readonly origin: FailureOrigin
  readonly isRetryable: boolean
  readonly isPassing?: boolean
  readonly meaning?: string
  readonly advice?: string
}

/** A call to the engine that failed. */
export class DockerError extends Schema.TaggedError<DockerError>()("DockerError", { reason: DockerErrorReason }) {
  private get explained(): Explained {
    return this.reason
  }
  /** Where the cause lies, and so who can fix it. */
  get origin(): FailureOrigin {
    return this.reason.origin
  }
  /** Retrying the same call may succeed. */
  get isRetryable(): boolean {
    return this.reason.isRetryable
  }
  /**
   * The image that the engine has is not in doubt: the registry could not be asked, or the image could not be stored. A
   * registry that says that the image or access to it was withdrawn is final.
   */
  get isPassing(): boolean {
    return this.explained.isPassing ?? this.isRetryable
  }
  /** What it means: our words where the engine's do not tell, then the engine's. */
  get explanation(): string {
    const { meaning } = this.explained
    return meaning === undefined ? this.reason.detail : `${meaning}: ${this.reason.detail}`
  }
  /** What to do about it. */
  get advice(): string | undefined {
    return this.explained.advice
  }
  /** The same error with another detail. */
  mapDetail(change: (detail: string) => string): DockerError {
    const { reason } = this
    const Reason = reason.constructor as new (fields: object) => typeof reason
    return new DockerError({ reason: new Reason({ ...reason, detail: change(reason.detail) }) })
  }
  /** The same error of a container that the engine was asked for by its id, told by its name. */
  of({ id, name }: { readonly id: string; readonly name: string }): DockerError {
    const { reason } = this
    const Reason = reason.constructor as new (fields: object) => typeof reason
    return new DockerError({ reason: new Reason({ ...reason, operation: reason.operation.replaceAll(id, name) }) })
  }
  override get message() {
    return `${this.reason.operation}: ${this.explanation}`
  }
}

/** The engine's message, or that it timed out. */
export const detailOf = (error: Error): string => (error instanceof DockerError ? error.reason.detail : error.message)

/** The engine as a whole is out of reach, not one container. */
export const isEngineAway = (error: Error): boolean =>
  error instanceof DockerError &&
  (error.reason._tag === "EngineUnreachable" || error.reason._tag === "EngineAccessDenied")

/** The engine answered, with an error; otherwise the outcome is unknown. */
export const hasAnswered = (error: DockerError): boolean => !isEngineAway(error) && error.reason._tag !== "AnswerLost"
