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
  looks(log, 500, 0, 1_500)
  return log
}

/** A run of the agent has read that. */
const looks = (log: WeekLog, from: number, declaration: number, to = Number.POSITIVE_INFINITY) => {
  const run = log.begin(from, "agent")
  run.declaration = declaration
  run.to = to
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
      looks(log, 8_000, declaration)
      assert.lengthOf(rerunsOf(log, [job]), reruns)
    }
  })

  it("may be where metadata has told of what was declared before, or a switch went to its end meanwhile", () => {
    const toldLate = makeLog()
    looks(toldLate, 6_000, 2, 7_000)
    looks(toldLate, 8_000, 0)
    assert.lengthOf(rerunsOf(toldLate, [job]), 0)
    const wentToItsEnd = new WeekLog(toldLate.declarations, (text) => text)
    wentToItsEnd.declared.push({ from: 0, declaration: 2 }, { from: 700, declaration: 0 })
    looks(wentToItsEnd, 500, 2, 1_500)
    looks(wentToItsEnd, 1_600, 0)
    assert.lengthOf(rerunsOf(wentToItsEnd, [job]), 0)
  })

  it("may not be where something else was declared for a while that nobody has read", () => {
    const log = makeLog()
    log.declared.push({ from: 0, declaration: 0 }, { from: 6_000, declaration: 2 }, { from: 7_000, declaration: 0 })
    looks(log, 8_000, 0)
    assert.lengthOf(rerunsOf(log, [job]), 1)
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
