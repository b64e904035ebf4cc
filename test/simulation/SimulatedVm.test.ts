import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { decodeDeclaration } from "../../src/declaration/Declaration.ts"
import { sampleDeclaration, vmFor } from "../../src/simulation/sample.ts"
import { SimulatedVm } from "../../src/simulation/SimulatedVm.ts"
import { runInVirtualTime } from "../../src/simulation/host/VirtualTime.ts"
import { defaultSettings } from "../../src/startup/Settings.ts"
import { startup } from "../../src/startup/startup.ts"
import { CommandRunner } from "../../src/vm/host/CommandRunner.ts"

const { workload } = Result.getOrThrow(decodeDeclaration({ file: "sample", text: sampleDeclaration }))
const description = vmFor(workload, sampleDeclaration)

const bootTwice = Effect.gen(function* () {
  const vm = yield* SimulatedVm
  const first = yield* startup(defaultSettings)
  const second = yield* startup(defaultSettings)
  return { first, second, transcript: [...vm.transcript] }
})

describe("SimulatedVm", () => {
  it.effect("boots the sample, and a second run has nothing to do", () =>
    Effect.gen(function* () {
      const { first, second } = yield* bootTwice
      assert.strictEqual(first._tag, "Running")
      if (first._tag !== "Running" || second._tag !== "Running") return
      assert.isFalse(first.containers.some(({ kept }) => kept))
      assert.isTrue(second.containers.every(({ kept }) => kept))
      assert.deepStrictEqual(second.steps, [])
      assert.match(first.containers.map(({ name }) => name).join(), /^klt-proxy-[a-z]{4},klt-web-[a-z]{4}$/)
    }).pipe(Effect.provide(SimulatedVm.layer(description)), runInVirtualTime)
  )

  it.effect("the same seed gives the same run, another seed another", () =>
    Effect.gen(function* () {
      const run = (seed: string) =>
        runInVirtualTime(bootTwice.pipe(Effect.provide(SimulatedVm.layer({ ...description, seed }))))
      const [a, b, c] = [yield* run("1"), yield* run("1"), yield* run("2")]
      assert.deepStrictEqual(a, b)
      assert.notDeepEqual(a.transcript, c.transcript)
    })
  )

  it.effect("a command that it does not know fails loudly", () =>
    Effect.gen(function* () {
      const runner = yield* CommandRunner
      const exit = yield* Effect.exit(runner.run({ program: "rm", args: ["-rf", "/"] }))
      assert.include(`${exit}`, "does not understand: rm -rf /")
    }).pipe(Effect.provide(SimulatedVm.layer()), runInVirtualTime)
  )
})
