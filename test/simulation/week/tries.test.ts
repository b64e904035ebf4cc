import { assert, describe, it } from "@effect/vitest"
import { mostTries, triesOf } from "../../../src/simulation/week/tries.ts"
import { WeekLog } from "../../../src/simulation/week/WeekLog.ts"
import type { WeekDeclaration } from "../../../src/simulation/week/WeekScene.ts"

const declaration = (title: string, fate: WeekDeclaration["fate"]): WeekDeclaration => ({
  title,
  fate,
  text: title,
  declared: [],
  meaning: title
})
const looked = (outcome: "failed" | "final" | "done") =>
  ({ _tag: "Looked", occasion: "Retried", outcome, detail: "", followsTags: true }) as const

/** A log in which the first declaration is declared at 0, and looked at at these times with this outcome. */
const logOf = (fate: WeekDeclaration["fate"], outcome: "failed" | "final" | "done", times: ReadonlyArray<number>) => {
  const log = new WeekLog([declaration("one", fate), declaration("two", "works")], (text) => text)
  log.declared.push({ from: 0, declaration: 0 })
  for (const at of times) {
    log.told(at, "agent", { _tag: "Read", sha256: "one" })
    log.told(at + 1, "agent", looked(outcome))
  }
  return log
}

describe("tries of what cannot work", () => {
  it("are due after 10 s, doubled to 5 min", () => {
    assert.deepStrictEqual(
      [0, 9_999, 10_000, 30_000, 70_000, 150_000, 310_000, 609_000, 610_000].map(mostTries),
      [1, 1, 2, 3, 4, 5, 6, 6, 7]
    )
  })

  it("are counted, and held against what was due", () => {
    const [kept] = triesOf(logOf("fails", "failed", [0, 10_000, 30_000]), [], 60_000)
    assert.deepInclude(kept, { title: "one", tries: 3, most: 3, forMillis: 60_000 })
    const [broken] = triesOf(logOf("fails", "failed", [0, 1_000, 2_000, 3_000]), [], 20_000)
    assert.deepInclude(broken, { tries: 4, most: 2 })
  })

  it("begin anew where the agent starts or somebody asks, and end with another declaration", () => {
    const log = logOf("cannot work", "final", [0, 100_000])
    assert.deepInclude(triesOf(log, [], 200_000)[0], { tries: 2, most: 1 })
    log.pokes.push(99_000)
    assert.deepInclude(triesOf(log, [], 200_000)[0], { tries: 2, most: 2 })
    log.pokes.push(99_000)
    assert.deepInclude(triesOf(log, [], 200_000)[0], { tries: 2, most: 3 })
    log.declared.push({ from: 50_000, declaration: 1 })
    assert.deepInclude(triesOf(log, [], 200_000)[0], { tries: 1, most: 1, forMillis: 50_000 })
  })

  it("are one more where a job that was there before comes to its end", () => {
    const log = logOf("fails", "failed", [0, 10_000, 15_000])
    const job = (from: number, at: number) => ({
      starts: [from],
      ends: [{ at, by: "itself" as const }],
      spec: { name: "klt-job-abcd", labels: {} }
    })
    assert.deepInclude(triesOf(log, [job(-5_000, 15_000)], 20_000)[0], { tries: 3, most: 3 })
    assert.deepInclude(triesOf(log, [job(-5_000, 25_000), job(5_000, 15_000)], 20_000)[0], { tries: 3, most: 2 })
  })

  it("begin anew once a look has found all in order", () => {
    const log = logOf("fails", "failed", [0, 10_000, 41_000])
    assert.deepInclude(triesOf(log, [], 42_000)[0], { tries: 3, most: 3 })
    log.told(42_000, "agent", { _tag: "Read", sha256: "one" })
    log.told(43_000, "agent", looked("done"))
    for (const at of [44_000, 53_000]) {
      log.told(at, "agent", { _tag: "Read", sha256: "one" })
      log.told(at + 1, "agent", looked("failed"))
    }
    assert.deepInclude(triesOf(log, [], 60_000)[0], { tries: 5, most: 5 })
    assert.deepInclude(triesOf(log, [], 52_000)[0], { tries: 4, most: 4 })
  })

  it("are none of what works", () => {
    assert.deepStrictEqual(triesOf(logOf("works", "failed", [0, 1]), [], 10), [])
  })
})

describe("the log of a week", () => {
  it("finds out a switch that is cut in its middle", () => {
    const log = logOf("works", "done", [])
    log.told(1, "agent", { _tag: "Read", sha256: "one" })
    log.told(2, "agent", { _tag: "Switches" })
    log.told(3, "agent", { _tag: "Read", sha256: "two" })
    assert.deepStrictEqual(log.violations, [
      "0d 00:00:00.003 a switch, begun at 0d 00:00:00.002, was cut in its middle"
    ])
  })

  it("takes nothing for settled before a run that began after it has found everything in order", () => {
    const log = logOf("works", "done", [])
    log.disturb(0, "the engine", 5)
    log.told(4, "agent", { _tag: "Read", sha256: "one" })
    log.told(6, "agent", looked("done"))
    assert.isTrue(log.isDisturbed())
    log.told(7, "agent", { _tag: "Read", sha256: "one" })
    log.told(8, "agent", looked("failed"))
    assert.isTrue(log.isDisturbed())
    log.told(9, "agent", { _tag: "Read", sha256: "one" })
    log.told(10, "agent", looked("done"))
    assert.isFalse(log.isDisturbed())
    assert.deepStrictEqual(log.standings, [{ from: 6, declaration: 0 }])
  })
})
