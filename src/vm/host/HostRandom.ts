import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import { CommandRunner } from "./CommandRunner.ts"
import { complaint } from "./Complaint.ts"

/** Neither the kernel nor `who -b` says which boot this is, or the kernel not which host. */
export class HostUnidentified extends Schema.TaggedError<HostUnidentified>()("HostUnidentified", {
  detail: Schema.String
}) {
  override get message() {
    return `cannot tell this boot of this host from others: ${this.detail}`
  }
}

/**
 * The random source of one boot of one host. Its layer also gives Effect's `Random`, seeded with the same seed, so
 * that a run's jitter repeats with its seed.
 */
export class HostRandom extends Context.Service<
  HostRandom,
  {
    /** The same all through one boot of one host, another for every other. */
    readonly seed: string
  }
>()("slipway/vm/HostRandom") {
  /** Seeded with the hostname and the boot's identity: the kernel's, else the time of the boot that `who -b` tells. */
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
          orElse: () => Effect.fail(new HostUnidentified({ detail: "who -b: no end after 5 seconds" }))
        })
      )
      const bootIdentity = yield* readLine(files, "/proc/sys/kernel/random/boot_id").pipe(
        Effect.catch(() => timeOfBoot)
      )
      const hostname = yield* readLine(files, "/proc/sys/kernel/hostname")
      return HostRandom.layerSeed(hostSeed(hostname, bootIdentity))
    })
  )

  /** For a host in memory, and for tests. */
  static readonly layerSeed = (seed: string) =>
    Layer.merge(
      Layer.succeed(HostRandom, { seed }),
      // Under `withSeed` the service is the seeded generator itself.
      Layer.effect(Random.Random, Random.withSeed(Effect.service(Random.Random), seed))
    )
}

/** Another for each pair of a hostname, which has no slash, and a boot. */
export const hostSeed = (hostname: string, bootIdentity: string): string => `${hostname}/${bootIdentity}`

const readLine = Effect.fnUntraced(function* (files: FileSystem.FileSystem, path: string) {
  const text = yield* files
    .readFileString(path)
    .pipe(Effect.mapError((error) => new HostUnidentified({ detail: error.message })))
  return text.trim() === "" ? yield* new HostUnidentified({ detail: `${path} is empty` }) : text.trim()
})
