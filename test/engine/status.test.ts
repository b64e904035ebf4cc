import { assert, describe, layer } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { inject } from "vitest"
import { parentOf } from "../../src/vm/host/HostFiles.ts"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"
import { HostFixture } from "../vm/host/HostContract.ts"
import { slipway } from "./executable.ts"
import { bench, layerVm, onClearVm, Vm } from "./Vm.ts"

const secret = "s3cr3t-v4lue"

const declare = (image: string, container: Record<string, unknown> = {}): string =>
  JSON.stringify({
    spec: {
      containers: [
        { name: "web", image: `${bench().registry}/${image}`, env: [{ name: "PASSWORD", value: secret }], ...container }
      ]
    }
  })

describe.skipIf(inject("bench") === undefined)("what is told of a VM with a real engine", () => {
  layer(layerVm, { excludeTestServices: true })((it) => {
    const test = onClearVm(it)

    test("status, before and after a run, and after a container was removed by hand", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const host = yield* HostFixture
        const runner = yield* CommandRunner
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1")
        const before = yield* slipway(["status"])
        assert.strictEqual(before.exitCode, 4, before.stderr)
        const up = yield* slipway(["up"])
        assert.strictEqual(up.exitCode, 0, up.stderr)
        const status = yield* slipway(["status"])
        assert.strictEqual(status.exitCode, 0, status.stderr)
        assert.match(
          status.stdout,
          /^As declared\.\nDeclared: {2}metadata:gce-container-declaration, sha256 [0-9a-f]{12}\n {11}web, from .*\/app:1\nRuns: {6}klt-web-[a-z]{4}, from .*\/app:1 \(sha256:[0-9a-f]{12}\), running since 20.*Z\nLast run: {2}came up at 20.*Z, after .* s, \d steps\n$/
        )
        const path = `${parentOf(host.lockPath)}/status.json`
        const { stdout: mode } = yield* runner.run({ program: "stat", args: ["-c", "%a", path] })
        assert.strictEqual(mode.trim(), "600")
        const { stdout: text } = yield* runner.run({ program: "cat", args: [path] })
        assert.notInclude(text, secret)
        const [name = ""] = yield* vm.containers
        const { Id, State } = yield* vm.inspect(name)
        const [running] = JSON.parse(text).running
        assert.deepStrictEqual([running.id, running.name], [Id, name])
        assert.strictEqual(Date.parse(running.since), Date.parse(State.StartedAt))

        yield* vm.docker("rm", "--force", name)
        const gone = yield* slipway(["status"])
        assert.strictEqual(gone.exitCode, 3)
        assert.include(gone.stdout, `Not as declared:\n  ${name}, which the last run left, was removed\n`)
        assert.strictEqual((yield* slipway(["up"])).exitCode, 0)
        assert.strictEqual((yield* slipway(["status"])).exitCode, 0)
        // An engine that is away is said.
        const away = yield* slipway(["status"], { DOCKER_HOST: "unix:///nowhere/docker.sock" })
        assert.strictEqual(away.exitCode, 4)
        assert.match(
          away.stdout,
          /^Not known whether what runs is what is declared:\n {2}whether klt-web-[a-z]{4} runs is not known: /
        )
      }))

    test("a container that was renamed by hand runs on under its name; one that was stopped by hand is said to be", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1")
        assert.strictEqual((yield* slipway(["up"])).exitCode, 0)
        const [name = ""] = yield* vm.containers
        const before = yield* vm.inspect(name)
        yield* vm.docker("rename", name, "mine")
        yield* vm.docker("update", "--restart", "no", "mine")
        const named = yield* slipway(["status"])
        assert.include(named.stdout, `${name} is named mine now`)
        assert.strictEqual((yield* slipway(["up"])).exitCode, 0)
        const after = yield* vm.inspect(name)
        assert.deepStrictEqual([after.Id, after.State.StartedAt], [before.Id, before.State.StartedAt])
        assert.strictEqual(after.HostConfig.RestartPolicy.Name, before.HostConfig.RestartPolicy.Name)
        yield* vm.docker("stop", "--time", "1", name)
        const stopped = yield* slipway(["status"])
        assert.match(stopped.stdout, new RegExp(`${name} was stopped, with exit code \\d+`))
      }))

    test("a change that does not come up: what failed, and what runs instead", () =>
      Effect.gen(function* () {
        const vm = yield* Vm
        const host = yield* HostFixture
        const runner = yield* CommandRunner
        vm.metadata.attributes["gce-container-declaration"] = declare("app:1")
        assert.strictEqual((yield* slipway(["up"])).exitCode, 0)
        vm.metadata.attributes["gce-container-declaration"] = declare("job:fails")
        assert.strictEqual((yield* slipway(["up"])).exitCode, 1)
        const status = yield* slipway(["status"])
        assert.strictEqual(status.exitCode, 3)
        assert.match(status.stdout, /\nRuns: {6}klt-web-[a-z]{4}, from .*\/app:1 .*, running since /)
        assert.match(status.stdout, /\nNext try: {2}not before 20/)
        const why = yield* slipway(["why"])
        assert.strictEqual(why.exitCode, 0, why.stderr)
        assert.match(
          why.stdout,
          /^Run \d+ of 20.* failed after .* s\.\nDeclared:\n.*\n {2}web, from .*\/job:fails\nFound:\n {2}klt-web-[a-z]{4}, from .*\/app:1, running since /
        )
        assert.match(why.stdout, /\n {2}failed +[\d.]+ s {3}see that klt-web-[a-z]{4} stays up/)
        assert.match(why.stdout, /\n {2}rolled back +[\d.]+ s {3}stop klt-web-[a-z]{4}/)
        assert.match(why.stdout, /\nAt its end:\n {2}klt-web-[a-z]{4}, from .*\/app:1, running since /)
        const { stdout: kept } = yield* runner.run({ program: "cat", args: [`${host.statePath}/history`] })
        for (const text of [kept, why.stdout, status.stdout]) assert.notInclude(text, secret)
      }))
  })
})
