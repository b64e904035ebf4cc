import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { runTrial } from "../../../src/simulation/trial/Trial.ts"
import { drawScene } from "../../../src/simulation/trial/TrialScene.ts"
import { TrialSummary } from "../../../src/simulation/trial/TrialSummary.ts"
import { defaultSettings } from "../../../src/startup/Settings.ts"
import { startup } from "../../../src/startup/startup.ts"

const trial = Effect.fnUntraced(function* (seed: string, rate: number, signalRate?: number) {
  const scene = yield* drawScene(seed)
  return yield* runTrial({
    ...scene,
    seed,
    rate,
    ...(signalRate === undefined ? {} : { signalRate }),
    boot: startup(defaultSettings)
  })
})

const regressions = readFileSync(new URL("../../fixtures/trial-regressions.txt", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))

describe("boots that go wrong by chance", () => {
  // In parts, each well within a test's time on a slow machine.
  for (const first of Array.from({ length: 8 }, (_, part) => part * 250)) {
    it.effect(`2,000 of them keep every promise: seeds from ${first}`, () =>
      Effect.gen(function* () {
        const summary = new TrialSummary()
        for (let seed = first; seed < first + 250; seed++) summary.add(yield* trial(`${seed}`, 0.05))
        assert.lengthOf(summary.failed, 0, summary.text)
      })
    )
  }

  it.effect("500 that are told to end at any call, and meet no fault, run on what ran before", () =>
    Effect.gen(function* () {
      const summary = new TrialSummary()
      for (let seed = 0; seed < 500; seed++) summary.add(yield* trial(`${seed}`, 0, 0.05))
      assert.lengthOf(summary.failed, 0, summary.text)
    })
  )

  it.effect("200 Pods that are told to end at any call, and meet no fault, run as many as before", () =>
    Effect.gen(function* () {
      const summary = new TrialSummary()
      for (let index = 0; index < 200; index++) {
        const seed = `pod-${index}`
        const scene = yield* drawScene(seed, 1)
        summary.add(yield* runTrial({ ...scene, seed, rate: 0, signalRate: 0.05, boot: startup(defaultSettings) }))
      }
      assert.lengthOf(summary.failed, 0, summary.text)
    })
  )

  it.effect("seeds that once failed", () =>
    Effect.forEach(regressions, (line) =>
      Effect.gen(function* () {
        const [seed = "", rate] = line.split(" ")
        assert.deepStrictEqual((yield* trial(seed, Number(rate))).violations, [], line)
      })
    )
  )

  it.effect("the same seed gives the same trial", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* trial("7", 0.1), yield* trial("7", 0.1))
    })
  )

  it.effect("a run that does nothing is found out", () =>
    Effect.gen(function* () {
      const scene = yield* drawScene("1")
      const { violations } = yield* runTrial({ ...scene, before: undefined, seed: "1", rate: 0, boot: Effect.void })
      assert.isAbove(violations.length, 0)
    })
  )
})
