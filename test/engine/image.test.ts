import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { inject } from "vitest"
import { bench, boot, layerVm, onClearVm, onlyRunning, Vm } from "./Vm.ts"

const declare = (image: string): string =>
  JSON.stringify({ spec: { containers: [{ name: "web", image }], restartPolicy: "Always" } })

describe.skipIf(inject("bench") === undefined)("which image is pulled, by a real engine", () => {
  layer(layerVm, { timeout: 60_000, excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("a token that has expired is asked for again, once", () =>
      Effect.gen(function* () {
        const { docker, metadata } = yield* Vm
        yield* docker("system", "prune", "--all", "--force")
        metadata.token = bench().token
        metadata.expiredTokens = 1
        yield* boot(declare("us-docker.pkg.dev/project/repository/app:1"))
        yield* onlyRunning
        assert.lengthOf(
          metadata.asked.filter((path) => path.includes("token")),
          2
        )
      }))
  })
})
