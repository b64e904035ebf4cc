import { assert, describe, it } from "@effect/vitest"
import * as Arbitrary from "effect/Arbitrary"
import * as DateTime from "effect/DateTime"
import { renderTimeline } from "../../../src/cli/output/renderTimeline.ts"
import { timelineSvg } from "../../../src/record/timelineSvg.ts"
import { RunRecord, type StepStatus } from "../../../src/record/RunRecord.ts"
import { stepOfAxis, timelineOf } from "../../../src/record/timeline.ts"

const step = (id: string, rest: Partial<StepStatus>): StepStatus => ({
  id,
  kind: "Start",
  text: `do: ${id}`,
  cause: "it is <declared> & wanted",
  needs: [],
  outcome: "done",
  undone: false,
  beganMillis: null,
  tookMillis: null,
  message: null,
  ...rest
})

const run: RunRecord = {
  number: 7,
  boot: "vm/boot",
  began: DateTime.makeUnsafe(0),
  tookMillis: 8000,
  result: "failed",
  declared: null,
  found: [],
  plans: [
    { summary: "", steps: [step("pull registry.example/team/shop/web:1.4.2", { beganMillis: 0, tookMillis: 4000 })] },
    {
      summary: "",
      steps: [
        step("remove old", { outcome: "not begun" }),
        step("confirm web", { beganMillis: 6000, tookMillis: 1500, outcome: "failed" }),
        step("stop old", { beganMillis: 4000, tookMillis: 1990, undone: true }),
        step("open firewall", { beganMillis: 5000, outcome: "unfinished" })
      ]
    }
  ],
  warnings: [],
  error: null,
  lastLogLines: [],
  running: [],
  degraded: [],
  nextTry: null
}

describe("a run's timeline", () => {
  it("in the terminal: by when steps began, with what became of them", () => {
    assert.strictEqual(
      renderTimeline(run),
      `Run 7 of 1970-01-01T00:00:00.000Z failed after 8.0 s.
  pull …/team/shop/web:1.4.2  ████████████████                     4.0 s
  stop old                                    ░░░░░░░░             2.0 s  rolled back
  open firewall                                   ▒▒▒▒▒▒▒▒▒▒▒▒     3.0 s  unfinished
  confirm web                                         ▒▒▒▒▒▒       1.5 s  failed
  remove old                                                              not begun
  in all                                                           8.0 s`
    )
    assert.strictEqual(
      renderTimeline({ ...run, plans: [] }),
      "Run 7 of 1970-01-01T00:00:00.000Z failed after 8.0 s.\n  no step was planned"
    )
  })

  it("as a picture: bars where they belong, and no markup but ours", () => {
    const svg = timelineSvg(run)
    assert.strictEqual(svg, timelineSvg(run))
    const bars = [...svg.matchAll(/<rect x="([\d.]+)" y="(\d+)" width="([\d.]+)" height="14"/g)].map(
      ([, x, y, width]) => [Number(x), Number(y), Number(width)]
    )
    // 550 units are 8 s.
    assert.deepStrictEqual(bars, [
      [280, 56, 275],
      [555, 78, 136.8],
      [623.8, 100, 206.3],
      [692.5, 122, 103.1]
    ])
    assert.deepStrictEqual(
      [...svg.matchAll(/text-anchor="middle"[^>]*>([^<]*)</g)].map(([, mark]) => mark),
      ["0 s", "1 s", "2 s", "3 s", "4 s", "5 s", "6 s", "7 s", "8 s"]
    )
    assert.include(svg, "it is &lt;declared&gt; &amp; wanted")
    assert.include(timelineSvg({ ...run, plans: [] }), "no step was planned")
  })

  it("has an axis of few marks, whatever its length", () => {
    for (const millis of [1, 7, 40, 999, 1000, 8000, 61_000, 3_600_000, 86_400_000]) {
      const step = stepOfAxis(millis, 8)
      assert.isAtMost(Math.floor(millis / step), 8)
      assert.match(`${step}`, /^(0\.)?[0]*[125]0*$/)
    }
  })

  it.prop("keeps every bar within the plot, and is well-formed", [Arbitrary.schema(RunRecord)], ([drawn]) => {
    const millis = (value: number | null) => (value === null ? null : Math.abs(value) % 4_000_000_000)
    const usual: RunRecord = {
      ...drawn,
      tookMillis: millis(drawn.tookMillis) ?? 0,
      plans: drawn.plans.map(({ summary, steps }) => ({
        summary,
        steps: steps.map((step) => ({
          ...step,
          beganMillis: millis(step.beganMillis),
          tookMillis: millis(step.tookMillis)
        }))
      }))
    }
    const { bars, millis: length } = timelineOf(usual)
    assert.lengthOf(bars, usual.plans.flatMap(({ steps }) => steps).length)
    for (const { span } of bars) {
      if (span === undefined) continue
      assert.isAtMost(0, span.beganMillis)
      assert.isAtMost(span.beganMillis, span.endedMillis)
      assert.isAtMost(span.endedMillis, length)
    }
    const svg = timelineSvg(usual)
    for (const [, x, width] of svg.matchAll(/<rect x="([\d.]+)" y="\d+" width="([\d.]+)" height="14"/g)) {
      assert.isAtLeast(Number(x), 280)
      assert.isAtMost(Number(x) + Number(width), 832)
    }
    // Whatever a name is, it opens nothing and closes nothing.
    const tags = [...svg.matchAll(/<(\/?)(\w+)[^<>]*?(\/?)>/g)]
    const open: Array<string> = []
    for (const [, end, tag = "", empty] of tags) {
      if (end === "/") assert.strictEqual(open.pop(), tag)
      else if (empty !== "/") open.push(tag)
    }
    assert.deepStrictEqual(open, [])
    assert.notMatch(svg, /[^\P{Cc}\n]/u)
    assert.notMatch(renderTimeline(usual), /[^\P{Cc}\n]/u)
  })
})
