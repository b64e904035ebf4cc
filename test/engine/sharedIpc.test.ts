import { layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { assert, describe, inject } from "vitest"
import { bench, boot, isPodman, layerVm, onClearVm, Vm } from "./Vm.ts"

/** What is there of ours, by the name in the declaration. */
const found = Effect.gen(function* () {
  const vm = yield* Vm
  const all = yield* Effect.forEach(yield* vm.containers, vm.inspect)
  return Object.fromEntries(all.map((one) => [one.Config.Labels["slipway.container"] ?? one.Name, one]))
})

const started = Effect.fnUntraced(function* (spec: object) {
  const report = yield* boot(JSON.stringify({ spec }))
  return report._tag === "Running" ? report : assert.fail(`the run came to ${report._tag}`)
})

const inside = Effect.fnUntraced(function* (name: string, command: string) {
  const vm = yield* Vm
  return (yield* vm.docker("exec", (yield* found)[name]!.Id, "/bin/busybox", "sh", "-c", command)).trim()
})

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
        assert.strictEqual(yield* inside("log", "cat /dev/shm/file /proc/sys/kernel/shmmax"), "shared\n4096")
        assert.deepStrictEqual((yield* started(spec)).steps, [])

        yield* started({ ...spec, containers: [web, { ...log, tty: true }] })
        const second = yield* found
        assert.strictEqual(second["web"]!.Id, first["web"]!.Id)
        assert.notStrictEqual(second["log"]!.Id, first["log"]!.Id)
        assert.strictEqual(yield* inside("log", "cat /dev/shm/file"), "shared")
      }))
  })
})
