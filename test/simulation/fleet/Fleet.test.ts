import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { type FleetOptions, runFleet } from "../../../src/simulation/fleet/Fleet.ts"
import { Progress } from "../../../src/progress/Progress.ts"
import { defaultSettings } from "../../../src/startup/Settings.ts"
import { startup } from "../../../src/startup/startup.ts"

const reference = "registry.example/web:1"
const declaration = JSON.stringify({ spec: { containers: [{ name: "web", image: reference }] } })
const boot: FleetOptions<{ readonly message: string }>["boot"] = (onRetry) =>
  Effect.provideService(startup(defaultSettings), Progress, (event) =>
    Effect.sync(() => (event._tag === "Retrying" ? onRetry(event.operation) : undefined))
  )
const fleet = (options: Partial<FleetOptions<{ readonly message: string }>> = {}) =>
  runFleet({
    vms: 60,
    seed: "7",
    description: { declaration, images: [{ reference }] },
    boot,
    ...options
  })
const sum = (values: Iterable<number>) => [...values].reduce((total, value) => total + value, 0)

describe("a fleet", () => {
  it.effect("comes up side by side where nothing is limited, and the same again with the same seed", () =>
    Effect.gen(function* () {
      const first = yield* fleet({ limits: {} })
      assert.lengthOf(first.runningAfterMillis, 60)
      assert.isBelow(first.runningAfterMillis.at(-1)!, 10_000)
      assert.strictEqual(first.retries.size, 0)
      // The declaration, and for its digest and for its pull the image.
      assert.strictEqual(first.metadata.requests, 60)
      assert.strictEqual(first.registry.requests, 120)
      assert.deepStrictEqual(yield* fleet({ limits: {} }), first)
      assert.notDeepEqual((yield* fleet({ limits: {}, seed: "8" })).runningAfterMillis, first.runningAfterMillis)
    })
  )

  it.effect("shares what the registry can send", () =>
    Effect.gen(function* () {
      const alone = yield* fleet({ vms: 1, limits: { registryBytesPerSecond: 60_000_000 } })
      const together = yield* fleet({ limits: { registryBytesPerSecond: 60_000_000 } })
      // An image of 60 MB each: a second by that link, or a minute.
      assert.isBelow(alone.runningAfterMillis[0]!, 7_000)
      assert.isAbove(together.runningAfterMillis[0]!, 45_000)
      assert.isBelow(together.runningAfterMillis.at(-1)!, 80_000)
    })
  )

  it.effect("comes up whole behind rate limits, by tries that are counted", () =>
    Effect.gen(function* () {
      const result = yield* fleet({ vms: 300, limits: { metadataPerSecond: 100, registryPerSecond: 50 } })
      assert.lengthOf(result.runningAfterMillis, 300)
      assert.deepStrictEqual(result.failures, [])
      assert.isAbove(result.metadata.refused, 100)
      assert.isAbove(result.registry.refused, 100)
      // What was refused was tried again, but for what is left out after its last try: the digest's question.
      assert.isAtLeast(result.metadata.refused + result.registry.refused, sum(result.retries.values()))
      for (const { requests, peakPerSecond, perInterval } of [result.metadata, result.registry]) {
        assert.strictEqual(sum(perInterval), requests)
        assert.isAtLeast(peakPerSecond, Math.max(...perInterval))
      }
    })
  )

  it.effect("does not come back in step: chance in the pauses flattens what follows the first rush", () =>
    Effect.gen(function* () {
      const limits = { registryPerSecond: 100 }
      const spread = yield* fleet({ vms: 400, limits })
      const inStep = yield* fleet({ vms: 400, limits, spread: false })
      const worst = ({ registry }: typeof spread) => Math.max(...registry.perInterval.slice(25))
      assert.lengthOf(inStep.runningAfterMillis, 400)
      assert.isBelow(worst(spread) * 1.5, worst(inStep))
    })
  )

  it.effect("has its VMs that never come up counted, with what they ended with", () =>
    Effect.gen(function* () {
      const result = yield* fleet({ vms: 3, description: { declaration } })
      assert.strictEqual(result.runningAfterMillis.length, 0)
      assert.lengthOf(result.failures, 3)
      assert.match(result.failures[0]!, /manifest unknown/)
      assert.strictEqual(result.failedRuns, 60)
    })
  )
})
