import { layer } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { assert, describe, inject } from "vitest"
import { bench, boot, layerVm, onClearVm, onlyRunning } from "./Vm.ts"

const mib = 2 ** 20
const declare = (keys: object, restartPolicy: string, name = "web") =>
  JSON.stringify({ spec: { restartPolicy, containers: [{ name, image: `${bench().registry}/app:1`, ...keys }] } })
/** Reads 64 MiB at once, more than once: of what is killed in the first moment, or at the end, an engine may not hear. */
const greedy = {
  command: [
    "/bin/sh",
    "-c",
    "for i in 1 2 3; do dd if=/dev/zero of=/dev/null bs=64M count=1 || sleep 1; done; exit 137"
  ],
  resources: { limits: { memory: "16Mi" } }
}

describe.skipIf(inject("bench") === undefined)("a container that runs out of memory on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    for (const restartPolicy of ["Always", "OnFailure", "Never"]) {
      test(`${restartPolicy}: its failure says so, with its limit, and what ran before comes back`, () =>
        Effect.gen(function* () {
          yield* boot(declare({}, "Always"))
          const before = yield* onlyRunning
          const failure = yield* Effect.flip(boot(declare(greedy, restartPolicy), { confirm: Duration.days(1) }))
          if (failure._tag !== "ContainerFailed" && failure._tag !== "JobFailed") return assert.fail(failure.message)
          assert.deepStrictEqual(failure.outOfMemory, { limitBytes: 16 * mib })
          assert.match(failure.message, /exit code 137: it ran out of memory, of which it may use 16 MiB$/)
          assert.strictEqual((yield* onlyRunning).Id, before.Id)
        }))
    }

    test("another that is merely killed has not", () =>
      Effect.gen(function* () {
        const failure = yield* Effect.flip(
          boot(declare({ ...greedy, command: ["/bin/sh", "-c", "kill -9 $$; exit 137"] }, "Never"))
        )
        if (failure._tag !== "JobFailed") return assert.fail(failure.message)
        assert.strictEqual(failure.exitCode, 137)
        assert.isUndefined(failure.outOfMemory)
      }))
  })
})
