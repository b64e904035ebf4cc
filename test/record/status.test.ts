import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import type { RecordedContainer } from "../../src/record/RecordedContainer.ts"
import { decodeStatus, encodeStatus, Status } from "../../src/record/Status.ts"
import { judge, type Seen } from "../../src/record/judge.ts"
import { type EndedRun, statusOf, statusUnderWay } from "../../src/record/statusOf.ts"
import type { ContainerInspection } from "../../src/vm/engine/Inspection.ts"

const at = (seconds: number) => DateTime.makeUnsafe(seconds * 1000)
const boot = "vm/boot-1"

const container: RecordedContainer = {
  name: "klt-web-abcd",
  container: "web",
  role: "main",
  id: "c0ffee",
  image: "registry.example/web:1",
  imageId: "sha256:1",
  digest: "sha256:2",
  status: "running",
  exitCode: null,
  since: at(10),
  restarts: 0,
  health: null,
  ready: null
}

const ended: EndedRun = {
  boot,
  began: at(9),
  tookMillis: 3210,
  result: "done",
  declared: { origin: "metadata", file: "metadata:slipway-declaration", sha256: "aa", containers: [] },
  found: [],
  plans: [],
  warnings: [],
  error: null,
  lastLogLines: [],
  running: [container],
  degraded: [],
  nextTry: null
}
const error = { tag: "ContainerFailed", message: "web did not stay up\nmore", advice: "Look." }
const failed: EndedRun = { ...ended, result: "failed", error, running: [] }

const inspection = (changes: Partial<ContainerInspection> = {}): ContainerInspection =>
  ({
    id: "c0ffee",
    name: "klt-web-abcd",
    imageId: "sha256:1",
    image: "registry.example/web:1",
    labels: {},
    status: "running",
    exitCode: 0,
    error: "",
    startedAt: Option.some(10_000),
    restartCount: 0,
    restartPolicy: { name: "always", maximumRetryCount: 0 },
    health: Option.none(),
    ...changes
  }) as ContainerInspection

const judged = (run: EndedRun, seen: Seen = Option.some(inspection()), inBoot = boot) => {
  const { verdict, reasons } = judge(Option.some(statusOf(run, undefined, at(13))), inBoot, new Map([["c0ffee", seen]]))
  return [verdict, ...reasons]
}

describe("status.json", () => {
  it.prop("is read as it was written", [Arbitrary.schema(Status)], ([status]) => {
    const text = encodeStatus(status)
    assert.strictEqual(encodeStatus(Result.getOrThrow(decodeStatus(text))), text)
    assert.deepStrictEqual(JSON.parse(text).lastRun?.error ?? null, status.lastRun?.error ?? null)
  })

  it("is of no use if it is of another version, or no status at all; keys that are new do no harm", () => {
    const text = encodeStatus(statusOf(ended, undefined, at(13)))
    assert.isTrue(Result.isFailure(decodeStatus(text.replace('"version":1', '"version":2'))))
    assert.isTrue(Result.isFailure(decodeStatus("{}")))
    assert.isTrue(Result.isFailure(decodeStatus("")))
    assert.isTrue(Result.isSuccess(decodeStatus(text.replace("{", '{"later":{},'))))
  })

  it("counts runs that did nothing and ended as the one before", () => {
    const first = statusOf(ended, undefined, at(13))
    assert.strictEqual(first.lastRun?.repeated, 1)
    const second = statusOf(ended, first, at(20))
    assert.strictEqual(second.lastRun?.repeated, 2)
    assert.strictEqual(statusOf(failed, second, at(30)).lastRun?.repeated, 1)
    const other = { ...ended, declared: { ...ended.declared!, sha256: "bb" } }
    assert.strictEqual(statusOf(other, second, at(30)).lastRun?.repeated, 1)
    const step = {
      id: "start web",
      kind: "Start",
      text: "start klt-web-abcd",
      cause: "it is declared",
      needs: [],
      outcome: "done",
      undone: false,
      beganMillis: 1,
      tookMillis: 2,
      message: null
    } as const
    const acted = statusOf({ ...ended, plans: [{ summary: "", steps: [step] }] }, second, at(30))
    assert.deepStrictEqual([acted.lastRun?.repeated, acted.lastRun?.steps], [1, 1])
  })

  it("while a run is under way what was before it still stands", () => {
    const before = statusOf(ended, undefined, at(13))
    const status = statusUnderWay(boot, before, { since: at(20) }, at(21))
    assert.deepStrictEqual(status, { ...before, underWay: { since: at(20) }, written: at(21) })
    assert.isNull(statusUnderWay(boot, undefined, { since: at(20) }, at(21)).lastRun)
    // A run that could not ask the engine and did nothing leaves what is known.
    assert.deepStrictEqual(statusOf({ ...failed, running: null }, before, at(30)).running, [container])
  })
})

describe("whether it is still so", () => {
  it("as declared: all came up, and is there", () => {
    assert.deepStrictEqual(judged(ended), ["as declared"])
    assert.deepStrictEqual(judged({ ...ended, result: "nothing declared", running: null }), ["as declared"])
    const job = { status: "exited", restartPolicy: { name: "no", maximumRetryCount: 0 } } as const
    assert.deepStrictEqual(judged(ended, Option.some(inspection(job))), ["as declared"])
    const starting = inspection({ health: Option.some("starting") })
    assert.deepStrictEqual(judged(ended, Option.some(starting)), ["as declared"])
    // One that has served may have been removed.
    assert.deepStrictEqual(judged({ ...ended, running: [{ ...container, role: "init" }] }, Option.none()), [
      "as declared"
    ])
  })

  it("not as declared, and why", () => {
    const of = (changes: Partial<ContainerInspection>) => judged(ended, Option.some(inspection(changes)))
    assert.deepStrictEqual(judged(ended, Option.none()), [
      "not as declared",
      "klt-web-abcd, which the last run left, was removed"
    ])
    assert.deepStrictEqual(of({ status: "exited", exitCode: 137 }), [
      "not as declared",
      "klt-web-abcd was stopped, with exit code 137"
    ])
    assert.deepStrictEqual(of({ status: "restarting" }), ["not as declared", "klt-web-abcd is restarting"])
    assert.deepStrictEqual(of({ status: "paused" }), ["not as declared", "klt-web-abcd is paused"])
    assert.deepStrictEqual(of({ health: Option.some("unhealthy") }), ["not as declared", "klt-web-abcd is unhealthy"])
    assert.deepStrictEqual(judged(failed), ["not as declared", "web did not stay up"])
    assert.deepStrictEqual(judged({ ...ended, result: "stopped" }), [
      "not as declared",
      "the last run was stopped by a signal"
    ])
    assert.deepStrictEqual(judged({ ...ended, degraded: ["the image is the cached one"] }), [
      "not as declared",
      "the image is the cached one"
    ])
  })

  it("not as declared: what a run has set aside, whatever its end, or somebody has renamed", () => {
    const judged = (changes: Partial<ContainerInspection>) =>
      judge(
        Option.some(statusOf(ended, undefined, at(20))),
        boot,
        new Map<string, Seen>([["c0ffee", Option.some(inspection(changes))]])
      )
    const aside = judged({
      name: "klt-aside-always-klt-web-abcd",
      status: "exited",
      restartPolicy: { name: "no", maximumRetryCount: 0 }
    })
    assert.deepStrictEqual(
      [aside.verdict, aside.reasons],
      [
        "not as declared",
        ["klt-web-abcd is set aside as klt-aside-always-klt-web-abcd, by a run that is under way or has died"]
      ]
    )
    assert.deepStrictEqual(judged({ name: "other" }).reasons, ["klt-web-abcd is named other now"])
  })

  it("not known: no run in this boot, or an engine that is away", () => {
    assert.deepStrictEqual(judge(Option.none(), boot, new Map()).verdict, "unknown")
    assert.deepStrictEqual(judged(ended, Option.none(), "vm/boot-2"), [
      "unknown",
      "no run has ended in this boot; the status of 1970-01-01T00:00:13.000Z is another's"
    ])
    const underWay = (isAlive?: boolean) => {
      const status = statusUnderWay(boot, undefined, { since: at(1) }, at(2))
      const { verdict, run, reasons } = judge(Option.some(status), boot, new Map(), { isAlive })
      return [verdict, run, ...reasons]
    }
    const none = "no run has ended in this boot: the first"
    assert.deepStrictEqual(underWay(), ["unknown", "unknown", `${none} is under way, or has died`])
    assert.deepStrictEqual(underWay(true), ["unknown", "under way", `${none} is under way`])
    assert.deepStrictEqual(underWay(false), ["unknown", "dead", `${none} has died`])
    assert.deepStrictEqual(judged(ended, "the engine is away"), [
      "unknown",
      "whether klt-web-abcd runs is not known: the engine is away"
    ])
    // What the last run came to says nothing of what runs by now.
    assert.strictEqual(judged({ ...failed, running: [container] }, "the engine is away")[0], "unknown")
  })
})
