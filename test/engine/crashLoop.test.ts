import { layer } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { assert, describe, inject } from "vitest"
import { bench, boot, layerVm, onClearVm, onlyRunning, Vm } from "./Vm.ts"

const declare = (command?: ReadonlyArray<string>) =>
  JSON.stringify({
    spec: { containers: [{ name: "web", image: `${bench().registry}/app:1`, ...(command && { command }) }] }
  })
const crashes = declare(["/bin/false"])

describe.skipIf(inject("bench") === undefined)("a container in a crash loop on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("`up --retry` replaces it, however often", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        assert.strictEqual((yield* Effect.flip(boot(crashes)))._tag, "ContainerFailed")
        for (const pause of [0, 300, 1500]) {
          yield* Effect.sleep(Duration.millis(pause))
          const before = yield* vm.containers
          const failure = yield* Effect.flip(boot(crashes, { retry: true }))
          if (failure._tag !== "ContainerFailed") return assert.fail(failure.message)
          assert.match(failure.message, /ended right after its start/)
          assert.deepStrictEqual(yield* vm.containers, before)
        }
      }))

    test("a declaration that works takes its place", () =>
      Effect.gen(function* () {
        yield* Effect.flip(boot(crashes))
        yield* boot(declare())
        yield* onlyRunning
      }))
  })
})
