import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type { SignalListener } from "../../../src/cli/runMain.ts"
import { runInVirtualTime } from "../../../src/simulation/host/VirtualTime.ts"
import { SimulatedVm } from "../../../src/simulation/SimulatedVm.ts"
import { onVm, slipway } from "../CommandLine.ts"
import { declared, images, outputOf, secret } from "../declared.ts"

const quiet = ["--no-open-iptables", "--no-show-welcome"]

describe("slipway agent", () => {
  it.effect.each([
    [["--follow-tags", "0s"], "--follow-tags must be longer than 0s"],
    [["--follow-tags", "often"], "--follow-tags must be a length of time"],
    [["--declaration", "missing.yaml"], "--declaration: missing.yaml cannot be read: there is no such file"]
  ] as const)("does not begin with settings that cannot work: %s", ([flags, words]) =>
    Effect.gen(function* () {
      const run = yield* slipway(["agent", ...flags])
      assert.strictEqual(run.exitCode, 78)
      assert.include(run.stderr, words)
    })
  )

  it.effect("has no flags for what ends: it neither stays with a container nor tries once", () =>
    Effect.gen(function* () {
      for (const flag of ["--detached", "--retry"]) {
        const run = yield* slipway(["agent", flag])
        assert.strictEqual(run.exitCode, 78)
        assert.include(run.stderr, flag)
      }
    })
  )

  /** Runs it until it says that all is as declared, sends it signals, and gives how it ended. */
  const ended = (state: "running" | "stopping", ...signals: ReadonlyArray<"SIGTERM">) =>
    Effect.gen(function* () {
      const layer = yield* onVm({ declaration: declared, images })
      const vm = yield* Effect.provide(SimulatedVm, layer)
      const signalListeners = new Set<SignalListener>()
      const run = yield* Effect.forkChild(slipway(["agent", ...quiet], { layerVm: () => layer, signalListeners }))
      yield* Effect.sleep("1 minute")
      vm.host.setSystemState(state)
      for (const [index, signal] of signals.entries()) {
        const taken = [...signalListeners].map((listener) => listener(signal, index + 1))
        assert.include(taken, true)
      }
      return {
        ...(yield* Fiber.join(run)),
        up: vm.engine.containers.filter(({ isUp }) => isUp).length,
        signalListeners
      }
    }).pipe(runInVirtualTime)

  it.effect("ends with 143 by SIGTERM, a second one of which changes nothing; the container runs on", () =>
    Effect.gen(function* () {
      const run = yield* ended("running", "SIGTERM", "SIGTERM")
      assert.strictEqual(run.exitCode, 143)
      assert.strictEqual(run.up, 1)
      assert.include(run.stderr, "SIGTERM again: the agent is ending already")
      assert.strictEqual(run.signalListeners.size, 0)
      assert.notInclude(outputOf(run), secret)
    })
  )

  it.effect("ends with 0 once it has stopped everything as the machine goes down", () =>
    Effect.gen(function* () {
      const run = yield* ended("stopping", "SIGTERM")
      assert.strictEqual(run.exitCode, 0)
      assert.strictEqual(run.up, 0)
      assert.match(run.stderr, /stop klt-web-[a-z]{4}, with a grace period of 10s, because the machine goes down/)
      assert.match(run.stderr, /klt-web-[a-z]{4} was stopped: exit code 143/)
    })
  )
})
