import { assert, describe, it } from "@effect/vitest"
import type { EndedBy } from "../../../src/simulation/engine/Surroundings.ts"
import { restartsOf, restartText } from "../../../src/simulation/week/restarts.ts"
import { WeekLog } from "../../../src/simulation/week/WeekLog.ts"

const probed = [{ name: "web", initialDelaySeconds: 0, periodSeconds: 20, timeoutSeconds: 1, failureThreshold: 3 }]

type Times = ReadonlyArray<readonly [at: number, pause: number, by?: EndedBy]>

/** `web`, which was ended at these seconds, and started again so many later. */
const restarted = (...times: Times) => ({
  spec: { name: "klt-web-abcd", labels: { "slipway.workload": "hash", "slipway.container": "web" } },
  starts: [0, ...times.map(([at, pause]) => (at + pause) * 1_000)],
  ends: times.map(([at, , by = "stop"]) => ({ at: at * 1_000, by }))
})

const makeLog = () => {
  const log = new WeekLog([], (text) => text)
  log.agentStarts(0)
  return log
}

const wrongIn = (log: WeekLog, ...times: Times) =>
  restartsOf(log, [restarted(...times)], probed).map((one) => restartText(one)?.replace(/.* was started again /, ""))

describe("restarts for a probe", () => {
  it("are due at once, then after 10 s, doubled to 5 min, until it has run for 10 min", () => {
    const log = makeLog()
    const due = [
      [100, 0],
      [200, 10],
      [300, 20],
      [400, 40],
      [500, 80],
      [700, 160],
      [1_000, 300],
      [2_000, 0]
    ] as const
    assert.deepStrictEqual(
      wrongIn(log, ...due),
      due.map(() => undefined)
    )
    assert.deepStrictEqual(wrongIn(log, [100, 0], [200, 9]), [undefined, "before its back-off"])
    assert.deepStrictEqual(wrongIn(log, [100, 20], [200, 10]), ["long after its back-off", undefined])
    assert.deepStrictEqual(wrongIn(log, [100, 0], [2_000, 20]), [undefined, "long after its back-off"])
  })

  it("are begun anew by another agent, which starts at once what waits", () => {
    const log = makeLog()
    log.died(250_000, "agent", "killed")
    log.agentStarts(260_000)
    assert.deepStrictEqual(wrongIn(log, [100, 0], [200, 10], [300, 0]), [undefined, undefined, undefined])
    assert.deepStrictEqual(wrongIn(log, [100, 0], [200, 10], [249, 12], [400, 0]), [undefined, undefined, undefined])
  })

  it("are begun at once where somebody asks the agent to look, and not for any other look", () => {
    const lookedAt = (occasion: "Asked" | "TimePassed") => {
      const log = makeLog()
      const looked = { _tag: "Looked", occasion, outcome: "done", detail: "", followsTags: true } as const
      log.told(204_000, "agent", looked)
      return wrongIn(log, [100, 0], [200, 5])
    }
    assert.deepStrictEqual(lookedAt("Asked"), [undefined])
    assert.deepStrictEqual(lookedAt("TimePassed"), [undefined, "before its back-off"])
  })

  it("may wait for another container that is being stopped, and for none that ended by itself, or long before", () => {
    const others = (at: number, by: EndedBy = "stop") => {
      const one = restarted([at, 0, by])
      const labels = { "slipway.workload": "hash", "slipway.container": "other" }
      return { ...one, spec: { name: "klt-other-abcd", labels } }
    }
    const wrongBeside = (other: ReturnType<typeof others>) =>
      restartsOf(makeLog(), [restarted([100, 0], [200, 60]), other], probed).map(
        (one) => restartText(one)?.replace(/.* was started again /, "") ?? "right"
      )
    assert.deepStrictEqual(wrongBeside(others(250)), ["right", "right"])
    assert.deepStrictEqual(wrongBeside(others(250, "itself")), ["right", "long after its back-off"])
    assert.deepStrictEqual(wrongBeside(others(230)), ["right", "long after its back-off"])
    assert.deepStrictEqual(wrongBeside(others(270)), ["right", "long after its back-off"])
  })

  it("are none where something else has ended it, after which more may be known than is seen", () => {
    const log = makeLog()
    const disturbance = log.disturb(190_000, "failing calls", 195_000)
    disturbance.settledAt = 210_000
    assert.deepStrictEqual(wrongIn(log, [100, 0], [200, 10], [300, 300]), [undefined, undefined])
    assert.deepStrictEqual(wrongIn(log, [100, 0, "engine"]), [])
  })
})
