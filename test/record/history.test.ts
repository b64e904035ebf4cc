import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { ProgressEvent } from "../../src/progress/Progress.ts"
import type { StepDescription } from "../../src/progress/PlanDescription.ts"
import {
  decodeHistory,
  encodeHistory,
  type History,
  largestHistory,
  longestHistory,
  withRun
} from "../../src/record/History.ts"
import { emptyRecording, hasActed, record, type Recording, stepsDone } from "../../src/record/Recording.ts"
import { runOf } from "../../src/record/runOf.ts"
import { RunRecord } from "../../src/record/RunRecord.ts"
import type { EndedRun } from "../../src/record/statusOf.ts"

const step = (id: string): StepDescription => ({
  id,
  kind: "Start",
  text: `do ${id}`,
  cause: "it is declared",
  needs: [],
  undone: `undone ${id}`
})
const planned = (...ids: ReadonlyArray<string>): ProgressEvent => ({
  _tag: "Planned",
  plan: { summary: `${ids.length} steps`, steps: ids.map(step), warnings: [] }
})

const recorded = (...events: ReadonlyArray<readonly [number, ProgressEvent]>): Recording =>
  events.reduce((recording, [at, event]) => record(recording, event, Duration.millis(at)), emptyRecording)

const ended = (recording: Recording, rest: Partial<EndedRun> = {}): EndedRun => ({
  boot: "vm/boot-1",
  began: DateTime.makeUnsafe(0),
  tookMillis: 1000,
  result: "done",
  declared: recording.declared ?? null,
  found: recording.found,
  plans: recording.plans,
  warnings: recording.warnings,
  error: null,
  lastLogLines: [],
  running: [],
  degraded: [],
  nextTry: null,
  ...rest
})

const acted = recorded(
  [0, planned("pull web", "start web")],
  [1, { _tag: "StepStarted", step: step("pull web") }],
  [5, { _tag: "StepDone", step: step("pull web"), duration: Duration.millis(4) }]
)

describe("what a run tells", () => {
  it("is what becomes of each step, when, and why", () => {
    const { plans } = recorded(
      [0, { _tag: "Observed", found: ["no container of ours"] }],
      [2, planned("pull web", "start web", "confirm web", "remove old")],
      [3, { _tag: "StepStarted", step: step("pull web") }],
      [9, { _tag: "StepDone", step: step("pull web"), duration: Duration.millis(6) }],
      [10, { _tag: "StepStarted", step: step("start web") }],
      [20, { _tag: "StepDone", step: step("start web"), duration: Duration.millis(10) }],
      [20, { _tag: "StepStarted", step: step("confirm web") }],
      [50, { _tag: "StepFailed", step: step("confirm web"), message: "it has ended\nwith its log" }],
      [60, { _tag: "StepUndone", step: step("start web") }],
      [61, { _tag: "UndoFailed", step: step("pull web"), message: "no" }]
    )
    assert.deepStrictEqual(
      plans[0]?.steps.map(({ id, outcome, undone, beganMillis, tookMillis, message }) => [
        id,
        outcome,
        undone,
        beganMillis,
        tookMillis,
        message
      ]),
      [
        ["pull web", "done", false, 3, 6, "not rolled back: no"],
        ["start web", "done", true, 10, 10, null],
        ["confirm web", "failed", false, 20, 30, "it has ended with its log"],
        ["remove old", "not begun", false, null, null, null]
      ]
    )
    assert.strictEqual(stepsDone({ plans }), 1)
  })

  it("what was found is what was there before anything was changed", () => {
    const { found } = recorded(
      [0, { _tag: "Observed", found: ["nothing"] }],
      [1, planned("pull web")],
      [2, { _tag: "Observed", found: ["what the run made"] }]
    )
    assert.deepStrictEqual(found, ["nothing"])
  })
})

describe("the history", () => {
  it("counts, and keeps ten", () => {
    let history: History = []
    for (let number = 1; number <= 13; number++) history = Option.getOrThrow(withRun(history, ended(acted)))
    assert.deepStrictEqual(
      history.map(({ number }) => number),
      [4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    )
    assert.strictEqual(Result.getOrThrow(runOf(history)).number, 13)
    assert.strictEqual(Result.getOrThrow(runOf(history, 4)).number, 4)
    assert.strictEqual(
      Result.getOrThrow(Result.flip(runOf(history, 3))).message,
      "run 3 is not kept: those that are have the numbers 4, 5, 6, 7, 8, 9, 10, 11, 12, 13"
    )
    assert.strictEqual(Result.getOrThrow(Result.flip(runOf([]))).message, "no run of this machine is kept")
  })

  it("has a run that did nothing only if it ended otherwise than the one before", () => {
    const first = Option.getOrThrow(withRun([], ended(acted)))
    const idle = ended(emptyRecording)
    assert.isTrue(Option.isNone(withRun(first, idle)))
    const error = { tag: "StartHeldBack", message: "at 12:00", advice: null }
    const held = ended(emptyRecording, { result: "held back", error })
    const second = Option.getOrThrow(withRun(first, held))
    // Its message has the time; it is the same all the same.
    assert.isTrue(Option.isNone(withRun(second, { ...held, error: { ...error, message: "at 12:01" } })))
    assert.isTrue(Option.isSome(withRun(second, { ...held, error: { ...error, tag: "JobFailed" } })))
    assert.isTrue(Option.isSome(withRun(second, idle)))
    assert.isTrue(Option.isSome(withRun(second, { ...held, boot: "vm/boot-2" })))
    assert.isTrue(hasActed(acted))
    assert.isTrue(Option.isSome(withRun(first, ended(acted))))
  })

  it("is none if it is of a version that is not known", () => {
    const text = encodeHistory(Option.getOrThrow(withRun([], ended(acted))))
    assert.lengthOf(decodeHistory(text), 1)
    assert.deepStrictEqual(decodeHistory(text.replace('"version":1', '"version":2')), [])
    assert.deepStrictEqual(decodeHistory("not JSON"), [])
  })

  it.prop("is read as it was written", [Arbitrary.array(Arbitrary.schema(RunRecord), { maxLength: 3 })], ([runs]) => {
    const text = encodeHistory(runs)
    assert.strictEqual(encodeHistory(decodeHistory(text)), text)
    assert.lengthOf(decodeHistory(text), runs.length)
  })

  /** Texts of any length, and steps of any number. */
  const text = Arbitrary.map(
    Arbitrary.all([Arbitrary.schema(Schema.String), Arbitrary.schema(Schema.Literals([0, 1, 100, 10_000]))]),
    ([text, times]) => `${text}"\\é`.repeat(times)
  )
  const counts = Arbitrary.schema(Schema.Literals([0, 1, 30, 300]))

  it.prop(
    "is bounded, whatever the runs say",
    [Arbitrary.array(Arbitrary.all([text, text, counts]), { maxLength: 12 })],
    ([said]) => {
      let history: History = []
      for (const [name, message, count] of said) {
        const ids = Array.from({ length: count }, (_, index) => `${index} ${name}`)
        const events: ReadonlyArray<ProgressEvent> = [
          { _tag: "Observed", found: ids },
          ...ids.map((text): ProgressEvent => ({ _tag: "Warning", text })),
          {
            _tag: "Planned",
            plan: { summary: name, steps: ids.map((id) => ({ ...step(id), needs: ids, cause: message })), warnings: [] }
          },
          ...ids.map((id): ProgressEvent => ({ _tag: "StepStarted", step: step(id) })),
          ...ids.map((id): ProgressEvent => ({ _tag: "StepFailed", step: step(id), message }))
        ]
        const recording = recorded(...events.map((event) => [1, event] as const))
        const next = withRun(history, ended(recording))
        if (Option.isNone(next)) continue
        history = next.value
        assert.isNotEmpty(history)
        assert.isAtMost(history.length, longestHistory)
        assert.isAtMost(encodeHistory(history).length, largestHistory)
      }
    }
  )
})
