import { assert, describe, it } from "@effect/vitest"
import type { EndedBy } from "../../../src/simulation/engine/Surroundings.ts"
import { type Lived, outagesOf, overlapsOf } from "../../../src/simulation/week/outages.ts"
import { settleMillis } from "../../../src/simulation/week/drawWeek.ts"
import { WeekLog } from "../../../src/simulation/week/WeekLog.ts"

const minute = 60_000

/** A container of ours that ran in these intervals. */
const lived = (
  container: string,
  ...times: ReadonlyArray<readonly [from: number, to?: number, by?: EndedBy]>
): Lived => ({
  spec: { name: `klt-${container}-abcd`, labels: { "slipway.workload": "hash", "slipway.container": container } },
  starts: times.map(([from]) => from),
  ends: times.flatMap(([, at, by = "stop"]) => (at === undefined ? [] : [{ at, by }]))
})

/** `web`, then `web` and `worker`. */
const makeLog = () => {
  const of = (title: string, ...names: ReadonlyArray<string>) => ({
    title,
    text: title,
    fate: "works" as const,
    declared: names.map((name) => ({ name, role: "main" as const, image: "app" })),
    meaning: title
  })
  const log = new WeekLog([of("one", "web"), of("two", "web", "worker")], (text) => text)
  log.standings.push({ from: 0, declaration: 0 })
  return log
}

/** A run that took something down between these times. */
const switched = (log: WeekLog, from: number, to: number) => {
  log.told(from, "agent", { _tag: "Read", sha256: "two" })
  log.told(from, "agent", { _tag: "Switches" })
  log.told(to, "agent", {
    _tag: "Looked",
    occasion: "DeclarationChanged",
    outcome: "done",
    detail: "",
    followsTags: true
  })
}

describe("outages", () => {
  it("are none where everything runs on", () => {
    assert.deepStrictEqual(outagesOf(makeLog(), [lived("web", [0])], minute), [])
  })

  it("are none of a sandbox that jobs alone have shared", () => {
    const withSandbox = (policy?: "OnFailure") => {
      const declared = [
        { name: "pod.sandbox", role: "sandbox" as const, image: "pause" },
        { name: "web", role: "main" as const, image: "app", ...(policy === undefined ? {} : { policy }) }
      ]
      const log = new WeekLog([{ title: "one", text: "one", fate: "works", declared, meaning: "one" }], (text) => text)
      log.standings.push({ from: 0, declaration: 0 })
      return outagesOf(log, [lived("pod.sandbox", [0, 2_000]), lived("web", [0, 1_000, "itself"])], minute)
    }
    assert.deepStrictEqual(withSandbox("OnFailure"), [])
    assert.deepStrictEqual(
      withSandbox().map(({ container }) => container),
      ["pod.sandbox", "web"]
    )
  })

  it("are a switch's, for as long as it took, and begin anew with what is declared then", () => {
    const log = makeLog()
    log.disturb(1_000, "a switch")
    switched(log, 2_000, 9_000)
    const all = [lived("web", [0, 3_000], [4_000]), lived("worker", [4_500])]
    assert.deepStrictEqual(outagesOf(log, all, minute), [
      { container: "web", from: 3_000, to: 4_000, cause: "a switch", unexplainedMillis: 0 }
    ])
  })

  it("are nobody's where nothing has happened", () => {
    const log = makeLog()
    assert.deepStrictEqual(outagesOf(log, [lived("web", [0, 3_000], [4_000])], minute), [
      { container: "web", from: 3_000, to: 4_000, cause: "nobody", unexplainedMillis: 1_000 }
    ])
    switched(log, 2_000, 9_000)
    assert.strictEqual(outagesOf(log, [lived("web", [0, 3_000], [4_000])], minute)[0]?.unexplainedMillis, 1_000)
  })

  it("are explained as long as what happened can matter, and no longer", () => {
    const log = makeLog()
    log.disturb(2_000, "the engine", 5 * minute)
    const end = 5 * minute + settleMillis + 7_000
    assert.deepStrictEqual(outagesOf(log, [lived("web", [0, 3_000, "engine"])], end), [
      { container: "web", from: 3_000, to: end, cause: "the engine", unexplainedMillis: 7_000 }
    ])
  })

  it("are the container's own where it ended by itself", () => {
    const [outage] = outagesOf(makeLog(), [lived("web", [0, 3_000, "itself"], [3_100])], minute)
    assert.deepInclude(outage, { cause: "the container itself", unexplainedMillis: 0 })
  })

  it("are an operator's where one has stopped it", () => {
    const log = makeLog()
    log.disturb(2_900, "an operator")
    const [outage] = outagesOf(log, [lived("web", [0, 3_000], [4 * minute])], 5 * minute)
    assert.deepInclude(outage, { cause: "an operator", unexplainedMillis: 0 })
  })
})

describe("outages of a job", () => {
  const makeJobLog = (policy: "Never" | "OnFailure") => {
    const declared = [{ name: "job", role: "main" as const, image: "job", policy }]
    const log = new WeekLog([{ title: "one", text: "one", fate: "works", declared, meaning: "one" }], (text) => text)
    log.standings.push({ from: 0, declaration: 0 })
    return log
  }

  it("are none once it has come to its end, be it before everything was up, or with its engine", () => {
    for (const policy of ["Never", "OnFailure"] as const) {
      assert.deepStrictEqual(outagesOf(makeJobLog(policy), [lived("job", [0, 3_000, "itself"])], minute), [])
      assert.deepStrictEqual(outagesOf(makeJobLog(policy), [lived("job", [-9_000, -3_000, "itself"])], minute), [])
      assert.deepStrictEqual(outagesOf(makeJobLog(policy), [lived("job", [0, 3_000, "engine"])], minute), [])
    }
  })

  it("are those after which it was started again", () => {
    const again = [lived("job", [0, 3_000, "engine"], [9_000])]
    assert.lengthOf(outagesOf(makeJobLog("OnFailure"), again, minute), 1)
    assert.lengthOf(outagesOf(makeJobLog("Never"), again, minute), 0)
    const log = makeJobLog("Never")
    log.disturb(1_000, "a switch")
    switched(log, 2_000, 9_000)
    assert.deepStrictEqual(outagesOf(log, [lived("job", [0, 3_000], [4_000])], minute), [
      { container: "job", from: 3_000, to: 4_000, cause: "a switch", unexplainedMillis: 0 }
    ])
  })
})

describe("two of one name", () => {
  it("overlap where one starts before the other has ended", () => {
    assert.deepStrictEqual(overlapsOf([lived("web", [0, 10]), lived("web", [10, 20]), lived("worker", [5])], 30), [])
    assert.deepStrictEqual(overlapsOf([lived("web", [0, 10]), lived("web", [9, 20])], 30), [{ name: "web", at: 9 }])
  })
})
