import { assert, describe, it } from "@effect/vitest"
import * as Clock from "effect/Clock"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { layerNotify } from "../../../src/vm/systemd/Notify.ts"
import { withStatus } from "../../../src/vm/systemd/systemdStatus.ts"
import { SimulatedVm } from "../../../src/simulation/SimulatedVm.ts"
import { runInVirtualTime } from "../../../src/simulation/host/VirtualTime.ts"
import { CommandRunner } from "../../../src/vm/host/CommandRunner.ts"
import type { Command } from "../../../src/vm/host/Command.ts"
import { onVm, slipway } from "../../cli/CommandLine.ts"
import { declared, images, secret } from "../../cli/declared.ts"

const env = { NOTIFY_SOCKET: "/run/systemd/notify" }
const listening = (runner: Layer.Layer<CommandRunner>) =>
  layerNotify.pipe(Layer.provide([runner, ConfigProvider.layer(ConfigProvider.fromEnvRecord(env))]))

describe("the status that systemd shows", () => {
  it.effect("follows the run, and ends with what it came to", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images })
      const { host } = yield* Effect.provide(SimulatedVm, layer)
      const run = yield* slipway(["up"], { layerVm: () => layer, env })
      assert.strictEqual(run.exitCode, 0)
      const { statuses } = host
      assert.include(statuses, "pull registry.example/web:1")
      assert.match(statuses.at(-1) ?? "", /^klt-web-[a-z]{4} was started: running, registry\.example\/web:1/)
      assert.notInclude(statuses.join(), secret)

      const refused = yield* slipway(["up", "--declaration", "-"], { layerVm: () => layer, env, stdin: "spec: {}" })
      assert.strictEqual(refused.exitCode, 78)
      assert.match(host.statuses.at(-1) ?? "", /^failed: /)
      assert.notInclude(host.statuses.join(), "\n")
    }).pipe(runInVirtualTime)
  )

  it.effect("is not told where nobody listens", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images })
      const { transcript } = yield* Effect.provide(SimulatedVm, layer)
      for (const env of [{}, { NOTIFY_SOCKET: "" }]) yield* slipway(["up"], { layerVm: () => layer, env })
      assert.notInclude(
        transcript.map(({ name }) => name),
        "run systemd-notify"
      )
    }).pipe(runInVirtualTime)
  )

  it.effect("is one line: a second would be a message of its own", () =>
    Effect.gen(function* () {
      const sent: Array<string> = []
      const runner = Layer.succeed(CommandRunner, {
        run: ({ args }: Command) => Effect.sync(() => (sent.push(...args), { exitCode: 0, stdout: "", stderr: "" })),
        hold: () => Effect.die("nothing is held here")
      })
      const run = withStatus(() => Effect.succeed("up\nMAINPID=1"), String)
      yield* Effect.provide(run, listening(runner))
      assert.deepStrictEqual(sent, ["--status=up MAINPID=1"])
    })
  )

  it.effect("is no reason for a run to fail", () =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images })
      const vm = yield* Effect.provide(SimulatedVm, layer)
      vm.setFaults(({ name }) => (name === "run systemd-notify" ? "fail" : undefined))
      assert.strictEqual((yield* slipway(["up"], { layerVm: () => layer, env })).exitCode, 0)
    }).pipe(runInVirtualTime)
  )

  it.effect("is not waited for: what has become old meanwhile is left out, and the end waits a second at most", () =>
    Effect.gen(function* () {
      const sent: Array<string> = []
      const runner = Layer.succeed(CommandRunner, {
        run: ({ args }: Command) =>
          Effect.andThen(
            Effect.sync(() => void sent.push(args.join(" "))),
            Effect.never
          ),
        hold: () => Effect.die("nothing is held here")
      })
      const began = yield* Clock.currentTimeMillis
      yield* withStatus(
        (status) => Effect.forEach(["a", "b", "c"], (line) => Effect.andThen(status(line), Effect.yieldNow)),
        () => "end"
      ).pipe(Effect.provide(listening(runner)))
      assert.strictEqual((yield* Clock.currentTimeMillis) - began, 1000)
      yield* Effect.sleep("5 seconds")
      assert.deepStrictEqual(sent, ["--status=a", "--status=end"])
    }).pipe(runInVirtualTime)
  )
})
