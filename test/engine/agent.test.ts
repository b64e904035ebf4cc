import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { inject } from "vitest"
import { slipway } from "./executable.ts"
import { declareWeb as declare, living } from "./LivingAgent.ts"
import { bench, layerVm, onClearVm, Vm } from "./Vm.ts"

describe.skipIf(inject("bench") === undefined)("an agent on a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    const key = "slipway-declaration"
    const running = Effect.fnUntraced(function* () {
      const vm = yield* Vm
      const [name = "", ...others] = yield* vm.containers
      assert.deepStrictEqual(others, [])
      const { Config, State, Id } = yield* vm.inspect(name)
      return { name, id: Id, image: String(Config["Image"]), status: State.Status }
    })

    test("runs what is declared as long as it lives, and the container outlives it", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes[key] = declare({})
        const agent = yield* living()
        yield* agent.says(/klt-web-[a-z]{4} was started: running/)
        const first = yield* running()
        assert.match(first.image, /app:1$/)

        // Another image.
        vm.metadata.attributes[key] = declare({ image: `${bench().registry}/app:2` })
        yield* agent.says(/the declaration has changed[^]*klt-web-[a-z]{4} was started: running/)
        const second = yield* running()
        assert.match(second.image, /app:2$/)

        // A container that does not stay up: the one before runs again.
        vm.metadata.attributes[key] = declare({ command: ["/bin/sh", "-c", "echo no database; exit 3"] })
        yield* agent.says(/no database[^]*The next try is in/)
        assert.deepStrictEqual(yield* running(), second)

        // What cannot work at all.
        vm.metadata.attributes[key] = "spec: {}"
        yield* agent.says(/not tried again until the declaration changes/)
        assert.deepStrictEqual(yield* running(), second)

        // Two changes in a row: the last counts.
        vm.metadata.attributes[key] = declare({ args: ["one"] })
        vm.metadata.attributes[key] = declare({ image: `${bench().registry}/app:2`, args: ["two"] })
        yield* agent.says(/klt-web-[a-z]{4} was started: running/)
        const third = yield* running()
        assert.deepStrictEqual((yield* vm.inspect(third.name)).Config["Cmd"], ["two"])

        // Removed by hand, and asked for at once.
        yield* vm.docker("rm", "--force", third.name)
        yield* agent.send("SIGHUP")
        yield* agent.says(/as asked[^]*klt-web-[a-z]{4} was started: running/)
        const fourth = yield* running()
        assert.notStrictEqual(fourth.id, third.id)

        yield* agent.send("SIGTERM")
        const { exitCode, stderr } = yield* agent.ended
        assert.strictEqual(exitCode, 143, stderr)
        assert.deepStrictEqual(yield* running(), fourth)

        // Started again, it leaves alone what is as declared.
        const next = yield* living()
        yield* next.says(/klt-web-[a-z]{4} was as declared: running/)
        assert.deepStrictEqual(yield* running(), fourth)
        yield* next.send("SIGTERM")
        yield* next.ended
      }))

    test("`down` does not wait for an init container that hangs, and all is left down", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes[key] = declare({})
        const agent = yield* living()
        yield* agent.says(/was started: running/)
        const { spec } = JSON.parse(declare({ image: `${bench().registry}/app:2` }))
        const hangs = { name: "hangs", image: `${bench().registry}/app:1`, command: ["/bin/sh", "-c", "sleep 1000000"] }
        vm.metadata.attributes[key] = JSON.stringify({ spec: { ...spec, initContainers: [hangs] } })
        yield* agent.says(/info run the init container klt-hangs-[a-z]{4}/)
        const { exitCode, stderr } = yield* slipway(["down"])
        assert.strictEqual(exitCode, 0, stderr)
        assert.match(stderr, /waiting: another run is under way: starting klt-/)
        yield* agent.says(/`slipway down` waits for this run, which gives way to it/)
        for (const name of yield* vm.containers) {
          assert.strictEqual((yield* vm.inspect(name)).State.Status, "exited", name)
        }
        assert.match((yield* slipway(["status"])).stdout, /`slipway down` has stopped everything/)
        yield* agent.send("SIGTERM")
        yield* agent.ended
      }))

    test("SIGKILL in the middle of a change: the next one comes to the newest declaration", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes[key] = declare({})
        const agent = yield* living()
        yield* agent.says(/was started: running/)
        vm.metadata.attributes[key] = declare({ image: `${bench().registry}/app:2` })
        yield* agent.says(/info stop klt-web/)
        yield* agent.send("SIGKILL")
        yield* agent.ended
        vm.metadata.attributes[key] = declare({ args: ["newest"] })
        const next = yield* living()
        yield* next.says(/was started: running/)
        const { name, image } = yield* running()
        assert.match(image, /app:1$/)
        assert.deepStrictEqual((yield* vm.inspect(name)).Config["Cmd"], ["newest"])
        yield* next.send("SIGTERM")
        yield* next.ended
      }))
  })
})
