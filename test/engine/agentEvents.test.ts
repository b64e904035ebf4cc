import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { inject } from "vitest"
import { HostFixture } from "../vm/host/HostContract.ts"
import { slipway } from "./executable.ts"
import { declareWeb, living } from "./LivingAgent.ts"
import { bench, layerVm, onClearVm, Vm } from "./Vm.ts"

describe.skipIf(inject("bench") === undefined)("what happens on a real engine under an agent", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    const key = "slipway-declaration"
    const only = Effect.gen(function* () {
      const vm = yield* Vm
      const [name = "", ...others] = yield* vm.containers
      assert.deepStrictEqual(others, [])
      return { name, ...(yield* vm.inspect(name)) }
    })
    const up = /klt-web-[a-z]{4} was started: running/
    const leftDown = /What `slipway down` has stopped is left so/

    test("a container that is removed, or stopped, by hand: another runs in its place", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes[key] = declareWeb({})
        const agent = yield* living()
        yield* agent.says(up)
        const first = yield* only
        yield* vm.docker("rm", "--force", first.name)
        yield* agent.says(up)
        const second = yield* only
        assert.notStrictEqual(second.Id, first.Id)
        // What is restarted by hand is as declared: nothing is said of it.
        yield* vm.docker("restart", second.name)
        yield* vm.docker("stop", second.name)
        yield* agent.says(up)
        const third = yield* only
        assert.notStrictEqual(third.Id, second.Id)
        assert.strictEqual(third.State.Status, "running")
        yield* agent.send("SIGTERM")
        const { stderr } = yield* agent.ended
        assert.lengthOf(stderr.match(new RegExp(up, "g")) ?? [], 3, stderr)
      }))

    test("the engine restarts: what it does not start again is started once it is back", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes[key] = declareWeb({})
        const agent = yield* living()
        yield* agent.says(up)
        const first = yield* only
        yield* vm.docker("update", "--restart", "no", first.name)
        yield* Effect.promise(vm.engine.halt)
        yield* agent.says(/the engine cannot be watched for now/)
        yield* Effect.promise(vm.engine.resume)
        // A look that its end has caused may have waited for it.
        yield* agent.says(/was started: running[^]*can be watched again|can be watched again[^]*was started: running/)
        assert.strictEqual((yield* only).State.Status, "running")
        // It listens again.
        yield* vm.docker("rm", "--force", (yield* only).name)
        yield* agent.says(up)
        yield* agent.send("SIGTERM")
        yield* agent.ended
      }))

    test("the engine restarts while a job starts: the job is run again", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const command = ["/bin/sh", "-c", "trap 'exit 1' TERM; while :; do sleep 0.05; done"]
        vm.metadata.attributes[key] = declareWeb({ restartPolicy: "Never", command })
        const agent = yield* living({ SLIPWAY_CONFIRM: "5 seconds" })
        yield* agent.says(/info see that klt-web/)
        yield* Effect.promise(vm.engine.halt)
        yield* Effect.promise(vm.engine.resume)
        yield* agent.says(up)
        assert.strictEqual((yield* only).State.Status, "running")
        yield* agent.send("SIGTERM")
        const { stderr } = yield* agent.ended
        assert.match(stderr, /error the engine went away meanwhile: the job klt-web-[a-z]{4} failed/)
      }))

    test("an `up` by hand beside it is waited for, and then it is as the agent has it declared", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes[key] = declareWeb({})
        const agent = yield* living()
        yield* agent.says(up)
        const { filesRoot } = yield* HostFixture
        const mine = join(filesRoot, "mine.yaml")
        mkdirSync(filesRoot, { recursive: true })
        writeFileSync(mine, declareWeb({ image: `${bench().registry}/app:2` }))
        const byHand = yield* slipway(["up", "--declaration", mine])
        assert.strictEqual(byHand.exitCode, 0, byHand.stderr)
        yield* agent.says(up)
        assert.match(String((yield* only).Config["Image"]), /app:1$/)
        yield* agent.send("SIGTERM")
        yield* agent.ended
      }))

    test("what `slipway down` has stopped or removed stays down, until somebody asks for it", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes[key] = declareWeb({})
        const agent = yield* living()
        yield* agent.says(up)
        const first = yield* only
        assert.strictEqual((yield* slipway(["down"])).exitCode, 0)
        yield* agent.says(leftDown)
        assert.strictEqual((yield* only).State.Status, "exited")
        const status = yield* slipway(["status"])
        assert.strictEqual(status.exitCode, 3)
        assert.include(status.stdout, "`slipway down` has stopped everything")

        // An agent that is started anew leaves it, too.
        yield* agent.send("SIGKILL")
        yield* agent.ended
        const next = yield* living()
        yield* next.says(leftDown)
        assert.strictEqual((yield* only).State.Status, "exited")

        // Asked for, the same container runs again.
        yield* next.send("SIGHUP")
        yield* next.says(up)
        const second = yield* only
        assert.deepStrictEqual([second.Id, second.State.Status], [first.Id, "running"])

        // Removed, and declared anew.
        assert.strictEqual((yield* slipway(["down", "--remove"])).exitCode, 0)
        yield* next.says(leftDown)
        assert.deepStrictEqual(yield* vm.containers, [])
        vm.metadata.attributes[key] = declareWeb({ args: ["other"] })
        yield* next.says(up)
        assert.strictEqual((yield* only).State.Status, "running")

        // By `up`, after which it is looked after again.
        assert.strictEqual((yield* slipway(["down"])).exitCode, 0)
        yield* next.says(leftDown)
        assert.strictEqual((yield* slipway(["up"])).exitCode, 0)
        yield* vm.docker("rm", "--force", (yield* only).name)
        yield* next.says(up)
        yield* next.send("SIGTERM")
        yield* next.ended
      }))
  })
})
