import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { DockerClient } from "../../src/vm/engine/DockerClient.ts"
import { boot, declare, running, started, test } from "../startup/SimulatedBoot.ts"

const minutes = 60_000
const silent = (unpackMillis: number) => ({ images: [{ reference: "registry.example/app:1", unpackMillis }] })

describe("an engine that says nothing while it unpacks", () => {
  test("is waited for, for as long as a whole pull may take", silent(50 * minutes), () =>
    Effect.gen(function* () {
      const report = yield* started(declare())
      assert.deepStrictEqual(yield* running, [report.name])
    })
  )

  test("and no longer", silent(70 * minutes), () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(boot(declare()))
      assert.strictEqual(error._tag === "OperationTimeout" ? error.setting : error._tag, "PULL")
    })
  )

  test("is not taken for a registry that stalls: that is given up on, layer by layer", {}, () =>
    Effect.gen(function* () {
      const docker = yield* DockerClient
      let tries = 0
      // The first layer has come, the second does not.
      const stalling: typeof docker.pull = (...args) =>
        Stream.suspend(() => {
          tries += 1
          const firstLayer = docker
            .pull(...args)
            .pipe(Stream.takeUntil((progress) => progress._tag === "Layer" && progress.status === "Pull complete"))
          return Stream.concat(firstLayer, Stream.never)
        })
      const error = yield* Effect.flip(boot(declare())).pipe(
        Effect.provideService(DockerClient, { ...docker, pull: stalling })
      )
      assert.strictEqual(error._tag === "OperationTimeout" ? error.setting : error._tag, "PULL_STALL")
      assert.strictEqual(tries, 5)
    })
  )
})
