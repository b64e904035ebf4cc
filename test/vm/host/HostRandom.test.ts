import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as FileSystem from "effect/FileSystem"
import * as Layer from "effect/Layer"
import * as PlatformError from "effect/PlatformError"
import * as Random from "effect/Random"
import * as Schema from "effect/Schema"
import { HostRandom, hostSeed } from "../../../src/vm/host/HostRandom.ts"
import { type Answer, fakeCommands } from "./FakeCommands.ts"

const notFound = (path: string) =>
  PlatformError.systemError({ _tag: "NotFound", module: "FileSystem", method: "readFile", pathOrDescriptor: path })

const hostname = "/proc/sys/kernel/hostname"
const bootId = "/proc/sys/kernel/random/boot_id"

const withHost = (files: Readonly<Record<string, string>>, script: Readonly<Record<string, Answer>> = {}) =>
  HostRandom.layer.pipe(
    Layer.provide(
      FileSystem.layerNoop({
        readFileString: (path) => {
          const text = files[path]
          return text === undefined ? Effect.fail(notFound(path)) : Effect.succeed(text)
        }
      })
    ),
    Layer.provide(fakeCommands(script).layer)
  )

const seed = Effect.map(HostRandom, ({ seed }) => seed)
const draws = Effect.replicateEffect(Random.nextInt, 5)

describe("HostRandom.layer", () => {
  it.effect("is seeded with the hostname and the kernel's identity of the boot", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* seed, hostSeed("vm-1", "0f9c"))
    }).pipe(Effect.provide(withHost({ [hostname]: "vm-1\n", [bootId]: "0f9c\n" })))
  )

  it.effect("falls back on the time of the boot", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* seed, hostSeed("vm-1", "system boot  2026-11-24 01:31"))
    }).pipe(
      Effect.provide(
        withHost({ [hostname]: "vm-1\n" }, { "who -b": { stdout: "         system boot  2026-11-24 01:31\n" } })
      )
    )
  )

  it.effect("does not go on as another boot's", () =>
    Effect.gen(function* () {
      const silent = yield* Effect.flip(Effect.provide(seed, withHost({ [hostname]: "vm-1" }, { "who -b": {} })))
      assert.strictEqual(silent._tag, "HostUnidentified")
      const nameless = yield* Effect.flip(Effect.provide(seed, withHost({ [bootId]: "0f9c" })))
      assert.strictEqual(nameless._tag, "HostUnidentified")
    })
  )
})

describe("HostRandom.layerSeed", () => {
  it.effect("gives Effect's Random from the seed: the same draws for the same seed, others for another", () =>
    Effect.gen(function* () {
      const first = yield* Effect.provide(draws, HostRandom.layerSeed("vm-1/0f9c"))
      const again = yield* Effect.provide(draws, Layer.fresh(HostRandom.layerSeed("vm-1/0f9c")))
      const other = yield* Effect.provide(draws, HostRandom.layerSeed("vm-1/0f9d"))
      assert.deepStrictEqual(again, first)
      assert.notDeepEqual(other, first)
      assert.deepStrictEqual(first, yield* Random.withSeed(draws, "vm-1/0f9c"))
      assert.strictEqual(new Set(first).size, 5)
    })
  )
})

describe("hostSeed", () => {
  const Name = Schema.Array(Schema.Literals(["a", "1", "-", "."]))
  it.prop(
    "is another for each pair",
    [Name, Name, Name, Name],
    ([hostA, bootA, hostB, bootB]) => {
      const same = hostA.join("") === hostB.join("") && bootA.join("") === bootB.join("")
      assert.strictEqual(hostSeed(hostA.join(""), bootA.join("")) === hostSeed(hostB.join(""), bootB.join("")), same)
    },
    { arbitrary: { seed: 3 } }
  )
})
