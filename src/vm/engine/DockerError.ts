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

/** Everything that a call to the engine can fail with. */
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

/** What each reason says of itself, where it has more to say than the engine's words. */
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
  /** Who or what has to be mended. */
  get origin(): FailureOrigin {
    return this.reason.origin
  }
  /** The same call may succeed another time. */
  get isRetryable(): boolean {
    return this.reason.isRetryable
  }
  /**
   * It says nothing against the image that the engine holds: the registry could not be asked, or the image could not be
   * stored. That the image was withdrawn, or access to it, is said by the registry, and is final.
   */
  get isPassing(): boolean {
    return this.explained.isPassing ?? this.isRetryable
  }
  /** What it means, in our words where the engine's do not say it, and then in the engine's. */
  get explanation(): string {
    const { meaning } = this.explained
    return meaning === undefined ? this.reason.detail : `${meaning}: ${this.reason.detail}`
  }
  /** What to do about it. */
  get advice(): string | undefined {
    return this.explained.advice
  }
  /** The same error with other words for why. */
  mapDetail(change: (detail: string) => string): DockerError {
    const { reason } = this
    const Reason = reason.constructor as new (fields: object) => typeof reason
    return new DockerError({ reason: new Reason({ ...reason, detail: change(reason.detail) }) })
  }
  override get message() {
    return `${this.reason.operation}: ${this.explanation}`
  }
}

/** What the engine said, or that it said nothing in time. */
export const detailOf = (error: Error): string => (error instanceof DockerError ? error.reason.detail : error.message)

/** It is not one container that cannot be dealt with, but any. */
export const isEngineAway = (error: Error): boolean =>
  error instanceof DockerError &&
  (error.reason._tag === "EngineUnreachable" || error.reason._tag === "EngineAccessDenied")

/** The engine said no; otherwise what it would have said is not known. */
export const hasAnswered = (error: DockerError): boolean => !isEngineAway(error) && error.reason._tag !== "AnswerLost"
