import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Random from "effect/Random"
import {
  intervalsPerSecond,
  type NetworkLimits,
  type RateLimit,
  SimulatedNetwork
} from "../network/SimulatedNetwork.ts"
import { layerSharedHostServices } from "../hostServices.ts"
import { makeImage } from "../network/SimulatedRegistry.ts"
import { layerOfMany } from "../SimulatedVm.ts"
import type { VmServices } from "../../vm/VmServices.ts"
import { runSideBySide } from "../host/VirtualTime.ts"
import { withoutStackTraces } from "../host/withoutStackTraces.ts"
import { monotonicMillis } from "../host/SimulatedClock.ts"
import type { VmDescription } from "../VmDescription.ts"

/** Many VMs that boot at once. */
export interface FleetOptions<E> {
  readonly vms: number
  /** The same seed gives the same fleet, call by call. */
  readonly seed: string
  /** What each VM is like. Its images are in the shared registry. */
  readonly description: VmDescription
  /** One run on one VM. Reports each retry by its operation. */
  readonly boot: (onRetry: (operation: string) => void) => Effect.Effect<unknown, E, VmServices>
  readonly limits?: NetworkLimits
  /** False: all VMs draw the same jitter, as if there were none. Default true. */
  readonly spread?: boolean
}

/** All times in virtual milliseconds. */
export interface FleetResult {
  readonly vms: number
  /** For each VM that came up, the time from boot to a running container; ascending. */
  readonly runningAfterMillis: ReadonlyArray<number>
  /** Retries, by operation. */
  readonly retries: ReadonlyMap<string, number>
  /** Failed runs, which the unit restarted. */
  readonly failedRuns: number
  /** The last failure of each VM that never came up. */
  readonly failures: ReadonlyArray<string>
  readonly metadata: Load
  readonly registry: Load
}

/** Requests to a shared service. */
export interface Load {
  readonly requests: number
  readonly refused: number
  /** In the busiest second. */
  readonly peakPerSecond: number
  /** In each `intervalsPerSecond`th of a second since the fleet's boot. */
  readonly perInterval: ReadonlyArray<number>
}

/** Plausible limits of a cloud: a metadata service, and one region of a registry. */
export const fleetLimits = {
  metadataPerSecond: 5_000,
  registryPerSecond: 1_000,
  registryBytesPerSecond: 12_500_000_000
} as const satisfies NetworkLimits

/** The unit's `RestartSec`, and the most restarts here. */
const restartPause = Duration.seconds(30)
const maximumRuns = 20

/** Machines that are switched on together start within a tenth of a second. */
const bootWithinMillis = 100

/** Boots a fleet on one network, in virtual time. A VM whose run fails retries, as its unit does. */
export const runFleet = <E extends { readonly message: string }>(options: FleetOptions<E>) =>
  Effect.gen(function* () {
    const { vms, seed, description, boot, limits = fleetLimits, spread = true } = options
    const network = new SimulatedNetwork(limits)
    // Published once for all: each VM finds them there.
    const images = (description.images ?? []).map((image) => {
      if (image.remote ?? true) network.registry.publish(image.reference, makeImage(image))
      return { ...image, remote: false }
    })
    const shared = yield* Layer.build(layerSharedHostServices)
    const chance = yield* Random.withSeed(Effect.service(Random.Random), `${seed}/fleet`)
    const running: Array<number> = []
    const failures: Array<string> = []
    const retries = new Map<string, number>()
    let failedRuns = 0

    const onRetry = (operation: string) => void retries.set(operation, (retries.get(operation) ?? 0) + 1)

    const vm = Effect.fnUntraced(function* (index: number) {
      yield* Effect.sleep(Duration.millis(chance.nextDoubleUnsafe() * bootWithinMillis))
      const from = yield* monotonicMillis
      const services = layerOfMany(
        { ...description, images, hostname: `vm-${index}`, seed: `${seed}-${index}` },
        network,
        shared
      )
      // Nothing of it ends with a scope, which would be kept for as long as the VM runs.
      const context = yield* Effect.scoped(Layer.build(services))
      const up = yield* Effect.gen(function* () {
        for (let run = 1; ; run++) {
          const failed = yield* boot(onRetry).pipe(
            Effect.as(undefined),
            Effect.catch((error) => Effect.succeed(error.message))
          )
          if (failed === undefined) return true
          failedRuns += 1
          if (run === maximumRuns) return void failures.push(failed)
          yield* Effect.sleep(restartPause)
        }
      }).pipe(spread ? (run) => run : Effect.provideService(Random.Random, constant), Effect.provideContext(context))
      if (up === true) running.push((yield* monotonicMillis) - from)
    })
    yield* runSideBySide(Array.from({ length: vms }, (_, index) => vm(index))).pipe(
      Effect.provide(Logger.layer([])),
      Effect.withTracerEnabled(false)
    )

    const result: FleetResult = {
      vms,
      runningAfterMillis: running.toSorted((a, b) => a - b),
      retries,
      failedRuns,
      failures,
      metadata: loadOf(network.metadata),
      registry: loadOf(network.registryRequests)
    }
    return result
  }).pipe(Effect.scoped, withoutStackTraces)

const loadOf = ({ came, refused }: RateLimit): Load => {
  // Requests are in the order of time, which begins at zero.
  const last = [...came.keys()].at(-1) ?? -1
  const perInterval = Array.from({ length: last + 1 }, (_, index) => came.get(index) ?? 0)
  let sum = 0
  let peakPerSecond = 0
  perInterval.forEach((count, index) => {
    sum += count - (perInterval[index - intervalsPerSecond] ?? 0)
    peakPerSecond = Math.max(peakPerSecond, sum)
  })
  return { requests: perInterval.reduce((total, count) => total + count, 0), refused, peakPerSecond, perInterval }
}

/** Draws the same for all: the middle. */
const constant: Random.Random = { nextDoubleUnsafe: () => 0.5, nextIntUnsafe: () => 0 }
