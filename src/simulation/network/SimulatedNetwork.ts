import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { type ImageReference, pullReference } from "../../workload/ImageReference.ts"
import type { RegistryCredentials } from "../../workload/RegistryCredentials.ts"
import type { DockerError } from "../../vm/engine/DockerError.ts"
import { registryFailure } from "../../vm/engine/EngineFailure.ts"
import { monotonicMillis } from "../host/SimulatedClock.ts"
import { awaitTurn } from "../host/VirtualTime.ts"
import { type SimulatedImage, SimulatedRegistry } from "./SimulatedRegistry.ts"

/** Limits that the VMs of a network share. None by default. */
export interface NetworkLimits {
  readonly metadataPerSecond?: number
  readonly registryPerSecond?: number
  /** From the registry to all VMs together. */
  readonly registryBytesPerSecond?: number
}

/**
 * What is outside of VMs: a metadata service, and registries with their images. A single VM has it to itself; many
 * share its limits.
 */
export class SimulatedNetwork {
  readonly registry = new SimulatedRegistry()
  readonly metadata: RateLimit
  readonly registryRequests: RateLimit
  private readonly bytesPerSecond: number
  private transfers = 0

  constructor(limits: NetworkLimits = {}) {
    this.metadata = new RateLimit(limits.metadataPerSecond)
    this.registryRequests = new RateLimit(limits.registryPerSecond)
    this.bytesPerSecond = limits.registryBytesPerSecond ?? Number.POSITIVE_INFINITY
  }

  /** The registry's answer for a reference. Above the rate limit it refuses in the words of real registries. */
  ask(
    operation: string,
    image: ImageReference,
    credentials: Option.Option<RegistryCredentials>
  ): Effect.Effect<SimulatedImage, DockerError> {
    return Effect.flatMap(this.registryRequests.take, (taken) =>
      taken
        ? Effect.fromResult(this.registry.ask(operation, image, credentials))
        : Effect.fail(registryFailure(operation, pullReference(image), "toomanyrequests: rate limit exceeded"))
    )
  }

  /** A transfer of layers, until the scope closes. */
  readonly beginTransfer: () => Effect.Effect<void, never, Scope.Scope> = () =>
    Effect.acquireRelease(
      Effect.andThen(
        awaitTurn,
        Effect.sync(() => void this.transfers++)
      ),
      () =>
        Effect.andThen(
          awaitTurn,
          Effect.sync(() => void this.transfers--)
        )
    )

  /** How long so many bytes take: a fair share among the current transfers, and no faster than the VM. */
  readonly millisFor = (bytes: number, vmBytesPerSecond: number): Effect.Effect<number> =>
    bytes === 0
      ? Effect.succeed(0)
      : Effect.map(
          awaitTurn,
          () => (bytes / Math.min(vmBytesPerSecond, this.bytesPerSecond / Math.max(1, this.transfers))) * 1000
        )
}

/** A token bucket with one second's requests. Counts those that were taken and those refused. */
export class RateLimit {
  private readonly perSecond: number
  private level: number
  private at: number | undefined
  /** Requests, by interval of `intervalMillis` of virtual time. */
  readonly came = new Map<number, number>()
  refused = 0

  constructor(perSecond = Number.POSITIVE_INFINITY) {
    this.perSecond = perSecond
    this.level = perSecond
  }

  /** Whether one more request is accepted now. */
  readonly take: Effect.Effect<boolean> = Effect.map(Effect.andThen(awaitTurn, monotonicMillis), (now) => {
    const interval = Math.floor(now / intervalMillis)
    this.came.set(interval, (this.came.get(interval) ?? 0) + 1)
    if (this.perSecond === Number.POSITIVE_INFINITY) return true
    this.level = Math.min(this.perSecond, this.level + ((now - (this.at ?? now)) / 1000) * this.perSecond)
    this.at = now
    if (this.level < 1) {
      this.refused += 1
      return false
    }
    this.level -= 1
    return true
  })
}

/** The unit in which requests are counted. */
export const intervalMillis = 100
export const intervalsPerSecond = 1_000 / intervalMillis
