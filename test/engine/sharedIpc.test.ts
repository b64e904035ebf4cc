import { layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assert, describe, inject } from "vitest"
import { found, inside, started } from "./Named.ts"
import { bench, isPodman, layerVm, onClearVm } from "./Vm.ts"

describe.skipIf(inject("bench") === undefined || isPodman)("containers that share IPC on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("what one has in shared memory another has, and a change of one leaves it there", () =>
      Effect.gen(function* () {
        const image = `${bench().registry}/app:1`
        const [web, log] = [
          { name: "web", image },
          { name: "log", image }
        ]
        const spec = {
          hostNetwork: false,
          securityContext: { sysctls: [{ name: "kernel.shmmax", value: "4096" }] },
          containers: [web, log]
        }
        yield* started(spec)
        const first = yield* found
        yield* inside("web", "echo shared > /dev/shm/file")
        assert.strictEqual((yield* inside("log", "cat /dev/shm/file /proc/sys/kernel/shmmax")).trim(), "shared\n4096")
        assert.deepStrictEqual((yield* started(spec)).steps, [])

        yield* started({ ...spec, containers: [web, { ...log, tty: true }] })
        const second = yield* found
        assert.strictEqual(second["web"]!.Id, first["web"]!.Id)
        assert.notStrictEqual(second["log"]!.Id, first["log"]!.Id)
        assert.strictEqual((yield* inside("log", "cat /dev/shm/file")).trim(), "shared")
      }))
  })
})
