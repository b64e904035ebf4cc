import { assert, describe, it } from "@effect/vitest"
import { rerunsOf } from "../../../src/simulation/week/reruns.ts"
import { WeekLog } from "../../../src/simulation/week/WeekLog.ts"
import type { WeekDeclaration } from "../../../src/simulation/week/WeekScene.ts"

const declares = (title: string, image: string, fate: WeekDeclaration["fate"] = "works"): WeekDeclaration => ({
  title,
  text: title,
  fate,
  declared: fate === "works" ? [{ name: "job", role: "main", image, policy: "Never" }] : [],
  meaning: title
})

/** A job that was run twice, the first time to its end. */
const job = {
  spec: { name: "klt-job-abcd", labels: { "slipway.workload": "hash", "slipway.container": "job" } },
  starts: [1_000, 9_000],
  ends: [{ at: 5_000, by: "itself" as const }]
}

const makeLog = () => {
  const log = new WeekLog(
    [declares("one", "job:1"), declares("two", "job:1"), declares("three", "job:2"), declares("bad", "", "fails")],
    (text) => text
  )
  log.declared.push({ from: 0, declaration: 0 })
  return log
}

describe("a job that is run again", () => {
  it("is one that has ended by itself", () => {
    assert.deepStrictEqual(rerunsOf(makeLog(), [job]), [{ container: "job", endedAt: 5_000, startedAt: 9_000 }])
    assert.deepStrictEqual(rerunsOf(makeLog(), [{ ...job, ends: [{ at: 5_000, by: "stop" }] }]), [])
    assert.deepStrictEqual(rerunsOf(makeLog(), [{ ...job, starts: [1_000] }]), [])
  })

  it("may be where it is declared otherwise, not where something else is", () => {
    for (const [declaration, reruns] of [
      [1, 1],
      [2, 0],
      [3, 1]
    ] as const) {
      const log = makeLog()
      log.declared.push({ from: 8_000, declaration })
      assert.lengthOf(rerunsOf(log, [job]), reruns)
    }
  })

  it("may be after a boot, or where somebody has removed it", () => {
    for (const [cause, reruns] of [
      ["a reboot", 0],
      ["an operator", 0],
      ["metadata", 1],
      ["the engine", 1]
    ] as const) {
      const log = makeLog()
      log.disturb(7_000, cause)
      assert.lengthOf(rerunsOf(log, [job]), reruns)
    }
  })
})
