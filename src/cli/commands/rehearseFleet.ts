import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { type FleetOptions, fleetLimits, type FleetResult, type Load, runFleet } from "../../simulation/fleet/Fleet.ts"
import { inSeconds, percentile } from "../../simulation/fleet/percentile.ts"
import type { VmServices } from "../../vm/VmServices.ts"
import { Progress } from "../../progress/Progress.ts"
import { Decoding, rememberingLast } from "../../startup/Decoding.ts"
import { fleetPlot } from "../output/fleetPlot.ts"
import { SettingsInvalid } from "../settings/SettingsInvalid.ts"

/** Some VMs of a fleet never came up. */
export class FleetFailed extends Schema.TaggedError<FleetFailed>()("FleetFailed", {
  vms: Schema.Int,
  down: Schema.Int,
  /** The failure of one of them. */
  example: Schema.String
}) {
  override get message() {
    return `${this.down} of ${this.vms} VMs did not come up. One of them: ${this.example}`
  }
}

/** Boots a fleet and prints a summary. The plot compares it with the same fleet without jitter. */
export const rehearseFleet = Effect.fnUntraced(function* <E extends { readonly message: string }>(
  file: string,
  fleet: Omit<FleetOptions<E>, "boot">,
  boot: Effect.Effect<unknown, E, VmServices>,
  plot: Option.Option<string>
) {
  // All VMs have the same declaration.
  const decode = rememberingLast()
  const options: FleetOptions<E> = {
    ...fleet,
    boot: (onRetry) =>
      boot.pipe(
        Effect.provideService(Progress, (event) =>
          Effect.sync(() => {
            // The image's name is the same for all VMs.
            if (event._tag === "Retrying") onRetry(event.operation.replace(/( for)? \S*\/\S*$/, ""))
          })
        ),
        Effect.provideService(Decoding, decode)
      )
  }
  const result = yield* runFleet(options)
  yield* Console.log(
    `${options.vms} VMs with ${file}, switched on together on one network (seed ${options.seed}).\n\n${renderFleet(result)}`
  )
  if (Option.isSome(plot)) {
    const files = yield* FileSystem.FileSystem
    const inStep = yield* runFleet({ ...options, spread: false })
    yield* files
      .writeFileString(plot.value, fleetPlot(result, inStep))
      .pipe(Effect.mapError((error) => new SettingsInvalid({ problems: [`--plot: ${error.message}`] })))
    yield* Console.log(`\nThe registry's requests over time are drawn in ${plot.value}`)
  }
  const [example] = result.failures
  if (example !== undefined) {
    return yield* new FleetFailed({ vms: options.vms, down: result.failures.length, example })
  }
})

/** A fleet's summary. All times are virtual. */
export const renderFleet = (result: FleetResult): string => {
  const times = result.runningAfterMillis
  const at = (part: number) => {
    const millis = percentile(times, part)
    return millis === undefined ? "never" : inSeconds(millis)
  }
  const load = ({ requests, refused, peakPerSecond }: Load, limit: number) =>
    `${requests} requests, at most ${peakPerSecond} in a second; ${refused} refused, beyond ${limit} a second`
  const retries = [...result.retries].toSorted(([, one], [, other]) => other - one)
  const total = retries.reduce((sum, [, count]) => sum + count, 0)
  return [
    `came up            ${times.length} of ${result.vms}`,
    `time to running    p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} (virtual)`,
    `registry           ${load(result.registry, fleetLimits.registryPerSecond)}`,
    `metadata           ${load(result.metadata, fleetLimits.metadataPerSecond)}`,
    `retries            ${total}${retries.map(([operation, count], index) => `${index === 0 ? ": " : ", "}${operation} ${count}`).join("")}`,
    `failed runs        ${result.failedRuns}`
  ].join("\n")
}
