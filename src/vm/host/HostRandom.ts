import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import { CommandRunner } from "./CommandRunner.ts"
import { complaint } from "./Complaint.ts"

/** The boot cannot be identified, neither by the kernel nor by `who -b`, or the host cannot by the kernel. */
export class HostUnidentified extends Schema.TaggedError<HostUnidentified>()("HostUnidentified", {
  detail: Schema.String
}) {
  override get message() {
    return `cannot tell this boot of this host from others: ${this.detail}`
  }
}

/**
 * The random source of one boot of one host. Its layer also provides Effect's `Random`, seeded alike, so that the
 * jitter of a run is reproducible from its seed.
 */
export class HostRandom extends Context.Service<
  HostRandom,
  {
    /** Constant throughout one boot of one host, and different for any other. */
    readonly seed: string
  }
>()("slipway/vm/HostRandom") {
  /** Seeded with the hostname and the boot's identity: the kernel's boot id, else the boot time from `who -b`. */
  static readonly layer = Layer.unwrap(
    Effect.gen(function* () {
      const files = yield* FileSystem.FileSystem
      const runner = yield* CommandRunner
      const timeOfBoot = Effect.gen(function* () {
        const result = yield* runner.run({ program: "who", args: ["-b"] })
        const time = result.stdout.trim()
        if (result.exitCode === 0 && time !== "") return time
        return yield* new HostUnidentified({ detail: `who -b: ${complaint(result)}` })
      }).pipe(
        Effect.timeoutOrElse({
          duration: "5 seconds",
          orElse: () => Effect.fail(new HostUnidentified({ detail: "who -b: timed out after 5 seconds" }))
        })
      )
      const [bootIdentity, hostname] = yield* Effect.all(
        [
          Effect.catch(readLine(files, "/proc/sys/kernel/random/boot_id"), () => timeOfBoot),
          readLine(files, "/proc/sys/kernel/hostname")
        ],
        { concurrency: "unbounded" }
      )
      return HostRandom.layerSeed(hostSeed(hostname, bootIdentity))
    })
  )

  /** For simulated hosts and tests. */
  static readonly layerSeed = (seed: string) =>
    Layer.merge(
      Layer.succeed(HostRandom, { seed }),
      // Under `withSeed` the service is the seeded generator itself.
      Layer.effect(Random.Random, Random.withSeed(Effect.service(Random.Random), seed))
    )
}

/** Unique for each pair of hostname (which has no slash) and boot. */
export const hostSeed = (hostname: string, bootIdentity: string): string => `${hostname}/${bootIdentity}`

const readLine = Effect.fnUntraced(function* (files: FileSystem.FileSystem, path: string) {
  const text = yield* files
    .readFileString(path)
    .pipe(Effect.mapError((error) => new HostUnidentified({ detail: error.message })))
  return text.trim() === "" ? yield* new HostUnidentified({ detail: `${path} is empty` }) : text.trim()
})
