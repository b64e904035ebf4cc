import * as Schema from "effect/Schema"
import { RunRecord, StepStatus } from "./RunRecord.ts"
import { timelineOf } from "./timeline.ts"

/** The version of the shape of both. What is only added to it does not change it. */
const version = Schema.Literal(1).annotateKey({ description: "Of this shape. Keys may be added without a new one." })

/** What `slipway why --format json` says. */
export const RunJson = Schema.Struct({ version, ...RunRecord.fields })

const millisOrNever = Schema.NullOr(Schema.Int)
const { number, began, result, tookMillis } = RunRecord.fields
const { id, text, cause, outcome, undone } = StepStatus.fields

/** What `slipway timeline --format json` says. */
export const TimelineJson = Schema.Struct({
  version,
  number,
  began,
  result,
  tookMillis,
  bars: Schema.Array(
    Schema.Struct({
      id,
      text,
      cause,
      outcome,
      undone,
      beganMillis: millisOrNever.annotateKey({ description: "From the run's beginning; null if it never began." }),
      endedMillis: millisOrNever.annotateKey({
        description: "Of a step that was cut short, when the run ended; null if it never began."
      })
    })
  ).annotateKey({ description: "The steps by when they began, those that never did at the end." })
})

const encodeRun = Schema.encodeSync(RunJson)
const encodeTimeline = Schema.encodeSync(TimelineJson)

/** A run as JSON has it: plain data in the shape of `RunJson`, without secrets. */
export const runJson = (run: RunRecord) => encodeRun({ version: 1, ...run })

/** When each step of a run began and ended: plain data in the shape of `TimelineJson`, in milliseconds. */
export const timelineJson = (run: RunRecord) =>
  encodeTimeline({
    version: 1,
    number: run.number,
    began: run.began,
    result: run.result,
    tookMillis: run.tookMillis,
    bars: timelineOf(run).bars.map(({ span, ...bar }) => ({
      ...bar,
      beganMillis: span?.beganMillis ?? null,
      endedMillis: span?.endedMillis ?? null
    }))
  })
