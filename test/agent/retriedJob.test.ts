import { assert, describe } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { statusNow } from "../../src/record/readStatusNow.ts"
import { boot, running, test } from "../startup/SimulatedBoot.ts"
import { living, resultsOf } from "./LivingAgent.ts"

/** A job that fails within a minute. */
const job = {
  reference: "registry.example/job:1",
  behaviour: { _tag: "Exits", afterMillis: 60_000, exitCode: 3 }
} as const

const declaration = JSON.stringify({
  spec: { restartPolicy: "Never", containers: [{ name: "job", image: job.reference }] }
})

describe("an agent beside a single job that has failed", () => {
  test("sees that `up --retry` has started it, and that it fails again", { images: [job] }, () =>
    Effect.gen(function* () {
      const { looks } = yield* living(declaration)
      yield* Effect.sleep("2 minutes")
      assert.deepStrictEqual(resultsOf(looks), ["Began Running", "EngineChanged JobFailed"])
      assert.strictEqual((yield* boot(declaration, { retry: true }))._tag, "Running")
      assert.lengthOf(yield* running, 1)
      assert.strictEqual((yield* statusNow).status?.lastRun?.result, "done")
      yield* Effect.sleep("2 minutes")
      assert.strictEqual(resultsOf(looks).at(-1), "EngineChanged JobFailed")
      const { lastRun, nextTry } = (yield* statusNow).status!
      assert.deepStrictEqual([lastRun?.result, lastRun?.error?.tag, nextTry], ["failed", "JobFailed", "next boot"])
    })
  )

  test("leaves it at that where somebody removes it: it is not run again", { images: [job] }, () =>
    Effect.gen(function* () {
      const { looks, vm } = yield* living(declaration)
      yield* Effect.sleep("2 minutes")
      yield* vm.engine.client.removeContainer(vm.engine.containers[0]!.id)
      yield* Effect.sleep("1 hour")
      assert.lengthOf(vm.engine.containers, 0)
      assert.lengthOf(looks, 2)
    })
  )

  test("looks no more often than something happens to it", { images: [job] }, () =>
    Effect.gen(function* () {
      const { looks } = yield* living(declaration)
      yield* Effect.sleep("1 day")
      assert.deepStrictEqual(resultsOf(looks), ["Began Running", "EngineChanged JobFailed"])
    })
  )
})
